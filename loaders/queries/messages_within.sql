-- The messages behind the receipts of a stretch of days, one by one. A promoted record bears another source's name, so whose word it was is told by the receipt.
SELECT item, batch, department, way, source, line, key, outcome, rules, at
FROM (
    SELECT item, _batch AS batch, _line AS line, _key AS key, 'accepted' AS outcome, '' AS rules, toString(_judged_at) AS at
    FROM ${accepted} WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND _judged_at >= toDateTime(concat({first:String}, ' 00:00:00'), 'Asia/Shanghai')
    UNION ALL
    SELECT item, batch, line, key, outcome, '' AS rules, toString(judged_at) AS at
    FROM echoes FINAL WHERE judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND judged_at >= toDateTime(concat({first:String}, ' 00:00:00'), 'Asia/Shanghai')
    UNION ALL
    SELECT _item AS item, _batch AS batch, _line AS line, _key AS key, 'rejected' AS outcome, arrayStringConcat(rules, ' ') AS rules, toString(_judged_at) AS at
    FROM rejected FINAL WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND _judged_at >= toDateTime(concat({first:String}, ' 00:00:00'), 'Asia/Shanghai')
) AS m
ALL INNER JOIN (
    SELECT batch, item, max(department) AS department, max(way) AS way, max(source) AS source FROM (${receipts_within}) GROUP BY batch, item
) AS r USING (batch, item)
WHERE substring(at, 1, 10) >= {first:String} AND substring(at, 1, 10) <= {last:String}
