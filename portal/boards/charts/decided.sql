-- Records that stand at the cut-off by the day they are dated by, and of how many it is not known when they were delivered.
SELECT ${period} AS period, count() AS identities, sum(delivered_at = '') AS unknown
FROM (SELECT department, item, way, dated AS day, delivered_at FROM (${decided_identities}))
WHERE day >= {first:String} AND day <= {last:String} AND ({department:String} = '' OR department = {department:String}) AND ({way:String} = '' OR way = {way:String})
GROUP BY period
ORDER BY period
