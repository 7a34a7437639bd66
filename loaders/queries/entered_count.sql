-- How many keys `entered` lists.
SELECT count() AS n
FROM `${item}` FINAL
WHERE _department = {department:String}
  AND _key IN (SELECT _key FROM `${item}_history` WHERE _source = {source:String} UNION ALL SELECT key FROM echoes WHERE item = {item:String} AND source = {source:String})
