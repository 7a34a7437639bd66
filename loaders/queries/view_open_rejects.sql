-- Rejected records that nothing has answered. An answer of the same batch is later by its line, one of another batch by the time it reached us.
SELECT *
FROM rejected FINAL
WHERE (_item, _partition, _offset) NOT IN (
    SELECT _item, _partition, _offset
    FROM (SELECT thread, _item, _partition, _offset, _batch, _line, _received_at FROM reject_threads) AS r
    ALL INNER JOIN (
        SELECT thread, batch AS answer_batch, max(line) AS answer_line, max(received_at) AS answered_at
        FROM reject_answers
        WHERE thread IN (SELECT thread FROM reject_threads)
        GROUP BY thread, batch
    ) AS a USING (thread)
    WHERE (answer_batch = _batch AND answer_line > _line) OR (answer_batch != _batch AND answered_at > _received_at)
)
