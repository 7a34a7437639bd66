-- Identities by the day they were first received, newest first; `which`: `open` those still rejected, `valid` the others, `first_try` those valid at the first try, blank all.
SELECT number, item, department, way, '' AS source, received AS at, key, if(open_ = 1, 'open', 'valid') AS what, if(first_try_ = 1, 'first_try', 'again') AS more
FROM (${judged_identities})
WHERE day >= {first:String} AND day <= {last:String} AND ({way:String} = '' OR way = {way:String})
  AND ({which:String} = '' OR ({which:String} = 'open' AND open_ = 1) OR ({which:String} = 'valid' AND open_ = 0) OR ({which:String} = 'first_try' AND first_try_ = 1))
ORDER BY at DESC, number
