-- What answered a rejected record first: the batch, the line and when it arrived.
SELECT answer_batch AS batch, answer_line AS line, answered_at AS at
FROM (
    SELECT thread, batch AS answer_batch, line AS answer_line, received_at AS answered_at
    FROM reject_answers
    WHERE thread IN (SELECT thread FROM reject_threads WHERE _item = {item:String} AND _partition = {partition:Int64} AND _offset = {offset:Int64})
) AS a
ALL INNER JOIN (
    SELECT thread, _batch, _line, _received_at FROM reject_threads WHERE _item = {item:String} AND _partition = {partition:Int64} AND _offset = {offset:Int64}
) AS r USING (thread)
WHERE (answer_batch = _batch AND answer_line > _line) OR (answer_batch != _batch AND answered_at > _received_at)
ORDER BY at, batch, line
LIMIT 1
