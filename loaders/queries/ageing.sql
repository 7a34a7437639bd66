-- Identities (source rows where the key is missing) that were rejected and open at the cut-off, by the day since when: the first of the rejections that are open.
SELECT department, item, way, day, count() AS open
FROM (
    SELECT _department AS department, _item AS item, _key AS key, argMin(_way, substring(toString(_received_at), 1, 19)) AS way, substring(toString(min(_received_at)), 1, 10) AS day
    FROM (${open_at})
    WHERE ({department:String} = '' OR _department = {department:String}) AND ({item:String} = '' OR _item = {item:String})
    GROUP BY department, item, key
)
GROUP BY department, item, way, day
ORDER BY department, item, way, day
