-- The identities behind `judged`, by the 回执行号 of their first record; `which`: `open` those still rejected, `again` those that were not valid at the first try, blank all.
SELECT department, number, received, way, first_try_ AS first_try, open_ AS open
FROM (${judged_identities})
WHERE day >= {first:String} AND day <= {last:String} AND ({which:String} = '' OR ({which:String} = 'open' AND open_ = 1) OR ({which:String} = 'again' AND first_try_ = 0))
ORDER BY department, received, number
LIMIT {skip:UInt64}, {limit:UInt64}
