-- Keys of the standing records that are linked to a subject, with what links them.
SELECT item, key, `by`, code, regno, orgcode, name FROM links FINAL
WHERE subject = {subject:String} AND subject != '' AND person = 0 AND standing = 1
ORDER BY item, key LIMIT {limit:UInt64}
