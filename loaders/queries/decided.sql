-- Identities that stood at the cut-off, by the day they are dated by and the day of their first version, which correcting them later does not change: by whom, how and when it was delivered (blank: not known).
SELECT department, item, way, day, delivered, count() AS identities
FROM (
    SELECT item, _key AS key, argMax(_department, _version) AS department, argMin(_way, _version) AS way, argMin(_dated, _version) AS day,
           substring(argMin(_delivered, _version), 1, 10) AS delivered, argMax(_change, _version) AS last
    FROM accepted
    WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND ({item:String} = '' OR item = {item:String})
    GROUP BY item, key
)
WHERE last != 'withdrawn' AND day >= {first:String} AND day <= {last:String} AND ({department:String} = '' OR department = {department:String})
GROUP BY department, item, way, day, delivered
ORDER BY department, item, way, day, delivered
