-- Records judged per hour (local time), item, source and way: what came in, what became of it, how many bytes, and the seconds in which half, 95 % and 99 % of it were judged.
-- A receipt tells when the first of its records was received: each of them counts as having waited as long as that one.
SELECT toString(toStartOfHour(judged_at)) AS hour, item, source, department, way,
       sum(accepted + duplicate + superseded + rejected + excluded) AS received,
       sum(accepted) AS accepted_, sum(duplicate) AS duplicate_, sum(superseded) AS superseded_, sum(rejected) AS rejected_, sum(excluded) AS excluded_,
       toInt64(sum(coalesce(bytes, 0))) AS bytes_,
       quantileExactWeighted(0.5)(toFloat64(judged_at) - toFloat64(received_from), toUInt64(accepted + duplicate + superseded + rejected + excluded)) AS p50,
       quantileExactWeighted(0.95)(toFloat64(judged_at) - toFloat64(received_from), toUInt64(accepted + duplicate + superseded + rejected + excluded)) AS p95,
       quantileExactWeighted(0.99)(toFloat64(judged_at) - toFloat64(received_from), toUInt64(accepted + duplicate + superseded + rejected + excluded)) AS p99
FROM receipts FINAL
WHERE judged_at >= toDateTime({since:String}, 'Asia/Shanghai') AND judged_at < toDateTime({until:String}, 'Asia/Shanghai')
GROUP BY hour, item, source, department, way
ORDER BY hour, item, source, way
