-- Keys of standing records on organisations that no register knows, by a code or the exact name.
SELECT item, key, code, regno, orgcode, name FROM links FINAL
WHERE subject = '' AND person = 0 AND standing = 1
  AND (code = {value:String} OR regno = {value:String} OR orgcode = {value:String} OR name = {value:String})
ORDER BY item, key LIMIT {limit:UInt64}
