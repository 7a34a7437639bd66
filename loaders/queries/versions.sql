-- Every version of one key, oldest first.
SELECT *
FROM `${item}_history` FINAL
WHERE _key = {key:String} AND ({department:String} = '' OR _department = {department:String})
ORDER BY _version
