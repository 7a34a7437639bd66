-- Records judged per hour (local time), item and source: what came in and what became of it.
SELECT toString(toStartOfHour(judged_at)) AS hour, item, source, department, way,
       sum(accepted + duplicate + superseded + rejected + excluded) AS received,
       sum(accepted) AS accepted_, sum(duplicate) AS duplicate_, sum(superseded) AS superseded_, sum(rejected) AS rejected_, sum(excluded) AS excluded_
FROM receipts FINAL
WHERE judged_at >= toDateTime({since:String}, 'Asia/Shanghai') AND judged_at < toDateTime({until:String}, 'Asia/Shanghai')
GROUP BY hour, item, source, department, way
ORDER BY hour, item, source, way
