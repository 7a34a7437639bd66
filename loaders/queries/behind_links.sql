-- Standing records on organisations and the subjects they are linked to; `which`: 本市, 外地, 不明, or 未关联 (of this city, without a subject), blank all.
SELECT concat(item, '-', toString(_partition), '-', toString(_offset)) AS number, item, department, '' AS way, '' AS source, '' AS at, key, place AS what, subject AS more
FROM links FINAL
WHERE standing = 1 AND person = 0 AND ({department:String} = '' OR department = {department:String}) AND ({item:String} = '' OR item = {item:String})
  AND ({which:String} = '' OR place = {which:String} OR ({which:String} = '未关联' AND place = '本市' AND subject = ''))
ORDER BY item, number
