-- The records behind `ageing`: every rejection that was open at the cut-off, the oldest first.
SELECT _department AS department, concat(_batch, '#', toString(_line)) AS number, substring(toString(_received_at), 1, 19) AS received, _way AS way, rules
FROM (${open_at})
WHERE _item = {item:String} AND ({department:String} = '' OR _department = {department:String})
ORDER BY department, received, number
LIMIT {skip:UInt64}, {limit:UInt64}
