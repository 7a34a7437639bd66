-- The identities behind `decided`, by the 回执行号 of their first version.
SELECT number, dated AS day, delivered_at AS delivered, way
FROM (${decided_identities})
WHERE dated >= {first:String} AND dated <= {last:String} AND department = {department:String}
ORDER BY day, delivered, number
LIMIT {skip:UInt64}, {limit:UInt64}
