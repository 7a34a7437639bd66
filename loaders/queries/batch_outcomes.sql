-- How many records of each of these batches were judged, and how; a batch nobody has judged is not among them.
SELECT batch, sum(accepted) AS accepted_, sum(duplicate) AS duplicate_, sum(superseded) AS superseded_, sum(rejected) AS rejected_, sum(excluded) AS excluded_
FROM receipts FINAL
WHERE has({batches:Array(String)}, batch)
GROUP BY batch
