-- Standing records on organisations, by item: of this city, of it without a subject, from elsewhere, from nobody knows where.
SELECT item, countIf(place = '本市') AS here, countIf(place = '本市' AND subject = '') AS unlinked, countIf(place = '外地') AS elsewhere, countIf(place = '不明') AS unknown
FROM links FINAL
WHERE standing = 1 AND person = 0 AND ({department:String} = '' OR department = {department:String}) AND ({item:String} = '' OR item = {item:String})
GROUP BY item
ORDER BY unlinked DESC, item
