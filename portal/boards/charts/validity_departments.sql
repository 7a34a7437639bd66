-- Identities first received in the stretch of days, by department: valid at the first try, valid at the cut-off, still rejected.
SELECT department, count() AS judged, sum(first_try_) AS first_try, sum(1 - open_) AS valid, sum(open_) AS open
FROM (${judged_identities})
WHERE day >= {first:String} AND day <= {last:String} AND ({way:String} = '' OR way = {way:String})
GROUP BY department
ORDER BY open DESC, department
