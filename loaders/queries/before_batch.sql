-- The newest version of each of these keys that another batch made.
SELECT *
FROM `${item}_history` FINAL
WHERE _key IN (SELECT arrayJoin({keys:Array(String)})) AND _batch != {batch:String}
ORDER BY _version DESC
LIMIT 1 BY _key
