-- Changes of identities that stood at the cut-off, by the day on which the change was delivered (received, where that is not known: `delivered` is blank then).
SELECT department, item, way, day, delivered, count() AS identities
FROM (
    SELECT item, key, department_ AS department, way_ AS way, if(delivered_ = '', received, delivered_) AS day, delivered_ AS delivered
    FROM (
        SELECT item, _key AS key, _department AS department_, _way AS way_, substring(_delivered, 1, 10) AS delivered_, substring(toString(_received_at), 1, 10) AS received
        FROM accepted
        WHERE _change = 'change' AND _judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND ({item:String} = '' OR item = {item:String})
          AND ({department:String} = '' OR _department = {department:String})
    ) AS c
    ALL INNER JOIN (
        SELECT item, _key AS key, argMax(_change, _version) AS last_
        FROM accepted
        WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND ({item:String} = '' OR item = {item:String})
        GROUP BY item, key
    ) AS k USING (item, key)
    WHERE last_ != 'withdrawn'
)
WHERE day >= {first:String} AND day <= {last:String}
GROUP BY department, item, way, day, delivered
ORDER BY department, item, way, day, delivered
