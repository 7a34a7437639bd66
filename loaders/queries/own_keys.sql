-- The keys of which one department has said something and that a person may mean: of one record of a batch (回执行号), or holding this part as it stands inside a key.
SELECT DISTINCT key
FROM (
    SELECT _key AS key, _batch AS batch, _line AS line FROM `${item}_history` FINAL WHERE _department = {department:String}
    UNION ALL
    SELECT key, batch, line FROM echoes FINAL WHERE item = {item:String} AND department = {department:String}
    UNION ALL
    SELECT _key AS key, _batch AS batch, _line AS line FROM rejected FINAL WHERE _item = {item:String} AND _department = {department:String}
)
WHERE (batch = {batch:String} AND line = {line:Int64}) OR (notEmpty({part:String}) AND (position(key, concat({part:String}, ',')) > 0 OR position(key, concat({part:String}, ']')) > 0))
ORDER BY key
LIMIT {limit:UInt32}
