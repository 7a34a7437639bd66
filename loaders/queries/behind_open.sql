-- Identities that are rejected at the cut-off, oldest first; `which`: one class of age, blank all; `rule`: those that broke it.
SELECT number, item, department, way, source, since AS at, key, age AS what, rules AS more
FROM (${open_identities})
WHERE ({which:String} = '' OR age = {which:String}) AND ({rule:String} = '' OR has(splitByChar(' ', rules), {rule:String}))
ORDER BY at, number
