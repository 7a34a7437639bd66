-- The keys that one source has said, newest first, where what stands last is its department's own; whether they still stand, and by whose word.
SELECT _key AS key, _withdrawn AS withdrawn, _source AS source, _way AS way, _batch AS batch, _received_at AS at
FROM `${item}` FINAL
WHERE _department = {department:String}
  AND _key IN (SELECT _key FROM `${item}_history` WHERE _source = {source:String} UNION ALL SELECT key FROM echoes WHERE item = {item:String} AND source = {source:String})
ORDER BY at DESC, key
LIMIT {skip:UInt64}, {limit:UInt64}
