-- What was received in each period, and what became of it.
SELECT ${period} AS period, sum(received_) AS received, sum(accepted_) AS accepted, sum(duplicate_) AS duplicate, sum(superseded_) AS superseded, sum(rejected_) AS rejected, sum(excluded_) AS excluded
FROM (${receipts_within})
GROUP BY period
ORDER BY period
