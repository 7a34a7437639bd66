-- Identities that stand by the day they are dated by, newest first; `which`: `unknown` those of which it is not known when they were delivered, blank all.
SELECT number, item, department, way, '' AS source, delivered_at AS at, key, dated AS what, '' AS more
FROM (${decided_identities})
WHERE dated >= {first:String} AND dated <= {last:String} AND ({department:String} = '' OR department = {department:String}) AND ({way:String} = '' OR way = {way:String})
  AND ({which:String} = '' OR delivered_at = '')
ORDER BY what DESC, number
