-- Identities by the way and the day by which they were first received: how many there are (judged), how many were valid at the first try, how many are still rejected (open).
SELECT department, item, way, day, count() AS judged, sum(first_try_) AS first_try, sum(open_) AS open
FROM (${judged_identities})
WHERE day >= {first:String} AND day <= {last:String}
GROUP BY department, item, way, day
ORDER BY department, item, way, day
