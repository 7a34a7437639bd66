-- Messages one by one, newest first; `which`: one outcome, blank all; `rule`: those that broke it.
SELECT concat(batch, '#', toString(line)) AS number, item, department, way, source, at, key, outcome AS what, rules AS more
FROM (${messages_within})
WHERE ({which:String} = '' OR outcome = {which:String}) AND ({rule:String} = '' OR has(splitByChar(' ', rules), {rule:String}))
ORDER BY at DESC, number
