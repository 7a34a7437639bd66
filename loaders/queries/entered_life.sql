-- Everything one department said of one key and what became of it, oldest first; another department's word on the same key is not among it.
SELECT at, what, source, way, batch, line, operation, version, detail
FROM (
    SELECT _received_at AS at, _change AS what, _source AS source, _way AS way, _batch AS batch, _line AS line, _operation AS operation, _version AS version, ifNull(_warnings, '[]') AS detail
    FROM `${item}_history` FINAL WHERE _key = {key:String} AND _department = {department:String}
    UNION ALL
    SELECT received_to AS at, outcome AS what, source, way, batch, line, operation, toInt64(0) AS version, '[]' AS detail
    FROM echoes FINAL WHERE key = {key:String} AND item = {item:String} AND department = {department:String}
    UNION ALL
    SELECT _received_at AS at, 'rejected' AS what, _source AS source, _way AS way, _batch AS batch, _line AS line, _operation AS operation, toInt64(0) AS version, reasons AS detail
    FROM rejected FINAL WHERE _key = {key:String} AND _item = {item:String} AND _department = {department:String}
)
ORDER BY at, batch, line, version
