-- Identities that stand by the day they are dated by, and the day and the way by which they were delivered. With `dated` = 0 all days are one (blank).
SELECT department, item, way, if({dated:UInt8} = 1, dated, '') AS day, substring(delivered_at, 1, 10) AS delivered, count() AS identities
FROM (${decided_identities})
WHERE dated >= {first:String} AND dated <= {last:String} AND ({department:String} = '' OR department = {department:String})
GROUP BY department, item, way, day, delivered
ORDER BY department, item, way, day, delivered
