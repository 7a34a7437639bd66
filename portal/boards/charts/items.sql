-- What was received of each item, and what became of it.
SELECT item, sum(received_) AS received, sum(accepted_) AS accepted, sum(duplicate_) AS duplicate, sum(superseded_) AS superseded, sum(rejected_) AS rejected, sum(excluded_) AS excluded
FROM (${receipts_within})
GROUP BY item
ORDER BY received DESC, item
