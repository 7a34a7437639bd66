-- One record's life: every event of one key, oldest first; of one department's words only, where one is named.
SELECT at, what, department, source, way, batch, line, operation, row, ref, version, detail
FROM (
    SELECT _received_at AS at, _change AS what, _department AS department, _source AS source, _way AS way, _batch AS batch, _line AS line, _operation AS operation, _row AS row, _ref AS ref,
           _version AS version, _warnings AS detail
    FROM `${item}_history` FINAL WHERE _key = {key:String}
    UNION ALL
    SELECT received_to AS at, outcome AS what, department, source, way, batch, line, operation, row, ref, ifNull(stands, toInt64(0)) AS version, CAST(NULL AS Nullable(String)) AS detail
    FROM echoes FINAL WHERE key = {key:String} AND item = {item:String}
    UNION ALL
    SELECT _received_at AS at, 'rejected' AS what, _department AS department, _source AS source, _way AS way, _batch AS batch, _line AS line, _operation AS operation, _row AS row, _ref AS ref,
           toInt64(0) AS version, CAST(reasons AS Nullable(String)) AS detail
    FROM rejected FINAL WHERE _key = {key:String} AND _item = {item:String}
)
WHERE {department:String} = '' OR department = {department:String}
ORDER BY at, batch, line, version
