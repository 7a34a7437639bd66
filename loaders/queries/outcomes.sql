-- What became of each record of one batch, by line; reasons as JSON.
SELECT line, ref, outcome, key, reasons
FROM (
    SELECT _line AS line, _ref AS ref, 'accepted' AS outcome, _key AS key, ifNull(_warnings, '[]') AS reasons
    FROM `${item}_history` FINAL WHERE _batch = {batch:String}
    UNION ALL
    SELECT line, ref, outcome, key, '[]' AS reasons FROM echoes FINAL WHERE batch = {batch:String} AND item = {item:String}
    UNION ALL
    SELECT _line AS line, _ref AS ref, 'rejected' AS outcome, _key AS key, reasons FROM rejected FINAL WHERE _batch = {batch:String} AND _item = {item:String}
)
WHERE line > {after:Int64}
ORDER BY line, outcome
LIMIT {limit:UInt64}
