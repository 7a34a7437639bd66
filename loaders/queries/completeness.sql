-- Of one item's records that stood at the cut-off: per department and field (a group of fields is one), how many have it filled and to how many it applies.
-- `fields`: tuples of its code, whether it is filled, whether it applies (loaders/completeness.py).
SELECT department, field, sum(filled_) AS filled, sum(applicable_) AS applicable
FROM (
    SELECT department, one.1 AS field, one.2 AS filled_, one.3 AS applicable_
    FROM (
        SELECT _department AS department, arrayJoin([${fields}]) AS one
        FROM `${item}_history` FINAL
        WHERE _withdrawn = 0 AND ({department:String} = '' OR _department = {department:String}) AND (_key, _version) IN (
            SELECT _key, max(_version) FROM `${item}_history` WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') GROUP BY _key
        )
    )
)
GROUP BY department, field
ORDER BY department, field
