-- Identities with a valid outcome, or still rejected, at the cut-off: the way, the day and the 回执行号 by which each was first received, whether it was valid at the first try, whether it is still rejected.
-- The first try was valid where the first valid word answers no earlier rejection of the same key, source row or reference.
SELECT department, item, key, argMin(way_, sorted) AS way, substring(min(sorted), 1, 10) AS day, substring(min(sorted), 1, 19) AS received, argMin(number_, sorted) AS number, max(open_one) AS open_,
       max(valid) = 1 AND argMin(place, sorted_valid) NOT IN (
           SELECT concat(item, ' ', batch, '#', toString(line))
           FROM (SELECT thread, item, batch, line, received_at FROM reject_answers WHERE valid = 1 AND judged_at < toDateTime({until:String}, 'Asia/Shanghai')) AS a
           ALL INNER JOIN (SELECT thread, _batch, _line, _received_at FROM reject_threads) AS r USING (thread)
           WHERE (batch = _batch AND line > _line) OR (batch != _batch AND received_at > _received_at)
       ) AS first_try_
FROM (
    SELECT _department AS department, item, _key AS key, _way AS way_, 1 AS valid, 0 AS open_one, concat(item, ' ', _batch, '#', toString(_line)) AS place, concat(_batch, '#', toString(_line)) AS number_,
           concat(substring(toString(_received_at), 1, 19), toString(1000000000 + _line)) AS sorted, sorted AS sorted_valid
    FROM accepted WHERE _change != 'withdrawn' AND _judged_at < toDateTime({until:String}, 'Asia/Shanghai')
    UNION ALL
    SELECT department, item, key, way AS way_, 1 AS valid, 0 AS open_one, concat(item, ' ', batch, '#', toString(line)) AS place, concat(batch, '#', toString(line)) AS number_,
           concat(substring(toString(received_to), 1, 19), toString(1000000000 + line)) AS sorted, sorted AS sorted_valid
    FROM echoes FINAL WHERE outcome != 'excluded' AND operation NOT IN ('withdraw', 'retract') AND judged_at < toDateTime({until:String}, 'Asia/Shanghai')
    UNION ALL
    SELECT _department AS department, _item AS item, _key AS key, _way AS way_, 0 AS valid, 0 AS open_one, '' AS place, concat(_batch, '#', toString(_line)) AS number_,
           concat(substring(toString(_received_at), 1, 19), toString(1000000000 + _line)) AS sorted, '9999' AS sorted_valid
    FROM rejected FINAL WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai')
    UNION ALL
    SELECT _department AS department, _item AS item, _key AS key, _way AS way_, 0 AS valid, 1 AS open_one, '' AS place, concat(_batch, '#', toString(_line)) AS number_,
           concat(substring(toString(_received_at), 1, 19), toString(1000000000 + _line)) AS sorted, '9999' AS sorted_valid
    FROM (${open_at})
)
WHERE ({department:String} = '' OR department = {department:String}) AND ({item:String} = '' OR item = {item:String})
GROUP BY department, item, key
HAVING max(valid) = 1 OR max(open_one) = 1
