-- What was received of each way, and what became of it.
SELECT way, sum(received_) AS received, sum(accepted_) AS accepted, sum(duplicate_) AS duplicate, sum(superseded_) AS superseded, sum(rejected_) AS rejected, sum(excluded_) AS excluded
FROM (${receipts_within})
GROUP BY way
ORDER BY received DESC, way
