-- The last version of each of these keys as it is kept.
SELECT *
FROM `${item}` FINAL
WHERE _key IN (SELECT arrayJoin({keys:Array(String)}))
