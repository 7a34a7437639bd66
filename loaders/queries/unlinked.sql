-- 未关联率 per department and item: standing records on organisations registered in this city that have no subject, of all such records; 外地 and 不明 beside them.
SELECT department, item,
       countIf(place = '本市') AS `本市`, countIf(place = '本市' AND subject = '') AS `未关联`,
       countIf(place = '外地') AS `外地`, countIf(place = '不明') AS `不明`
FROM links FINAL
WHERE standing = 1 AND person = 0
GROUP BY department, item
ORDER BY department, item
