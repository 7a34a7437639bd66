-- Records of one item that stood at the cut-off and lack a field that applies to them, newest first. `one`: the tuple of the field's code, whether it is filled, whether it applies (loaders/completeness.py).
SELECT concat(_batch, '#', toString(_line)) AS number, '$item' AS item, _department AS department, _way AS way, _source AS source, substring(toString(_received_at), 1, 19) AS at, _key AS key, '' AS what, '' AS more
FROM `${item}_history` FINAL
WHERE _withdrawn = 0 AND ({department:String} = '' OR _department = {department:String}) AND tupleElement(${one}, 2) = 0 AND tupleElement(${one}, 3) = 1 AND (_key, _version) IN (
    SELECT _key, max(_version) FROM `${item}_history` WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') GROUP BY _key
)
ORDER BY at DESC, number
