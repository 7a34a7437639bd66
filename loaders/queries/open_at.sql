-- Rejected records that nothing had answered at the cut-off: the view `open_rejects` as it was then.
SELECT _item, _department, _source, _way, _batch, _line, _key, _received_at, _judged_at, rules
FROM rejected FINAL
WHERE _judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND (_item, _partition, _offset) NOT IN (
    SELECT _item, _partition, _offset
    FROM (SELECT thread, _item, _partition, _offset, _batch, _line, _received_at FROM reject_threads) AS r
    ALL INNER JOIN (
        SELECT thread, batch AS answer_batch, max(line) AS answer_line, max(received_at) AS answered_at
        FROM reject_answers
        WHERE judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND thread IN (SELECT thread FROM reject_threads)
        GROUP BY thread, batch
    ) AS a USING (thread)
    WHERE (answer_batch = _batch AND answer_line > _line) OR (answer_batch != _batch AND answered_at > _received_at)
)
