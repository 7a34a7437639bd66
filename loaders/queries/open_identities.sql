-- Identities (source rows where the key is missing) that are rejected at the cut-off: since when, by the first of the rejections that are open, its way and 回执行号, and the age in classes (its first day: 0, 8, 31 or 91).
SELECT department, item, key, way, source, number, since, rules,
       multiIf(toDate(substring({until:String}, 1, 10)) - toDate(substring(since, 1, 10)) <= 7, '0', toDate(substring({until:String}, 1, 10)) - toDate(substring(since, 1, 10)) <= 30, '8',
               toDate(substring({until:String}, 1, 10)) - toDate(substring(since, 1, 10)) <= 90, '31', '91') AS age
FROM (
    SELECT _department AS department, _item AS item, _key AS key, argMin(_way, sorted) AS way, argMin(_source, sorted) AS source, argMin(number_, sorted) AS number, substring(min(sorted), 1, 19) AS since,
           argMin(rules_, sorted) AS rules
    FROM (SELECT _department, _item, _key, _way, _source, arrayStringConcat(rules, ' ') AS rules_, concat(_batch, '#', toString(_line)) AS number_,
                 concat(substring(toString(_received_at), 1, 19), toString(1000000000 + _line)) AS sorted FROM (${open_at}))
    GROUP BY department, item, key
)
WHERE ({department:String} = '' OR department = {department:String}) AND ({item:String} = '' OR item = {item:String}) AND ({way:String} = '' OR way = {way:String})
