-- Identities that stood at the cut-off: the day each is dated by, and by its first version, which correcting it later does not change, how and when it was delivered (blank: not known) and its 回执行号.
SELECT item, _key AS key, argMax(_department, _version) AS department, argMin(_way, _version) AS way, argMin(_dated, _version) AS dated, argMin(_delivered, _version) AS delivered_at,
       argMin(concat(_batch, '#', toString(_line)), _version) AS number
FROM accepted
WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND ({item:String} = '' OR item = {item:String})
GROUP BY item, key
HAVING argMax(_change, _version) != 'withdrawn'
