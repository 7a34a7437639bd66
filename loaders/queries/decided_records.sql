-- The identities behind `decided`, by the 回执行号 of their first version.
SELECT department, number, dated AS day, delivered_at AS delivered, way
FROM (${decided_identities})
WHERE dated >= {first:String} AND dated <= {last:String} AND ({department:String} = '' OR department = {department:String})
ORDER BY department, day, delivered, number
LIMIT {skip:UInt64}, {limit:UInt64}
