-- Batches and their three legs; with `all` = 0 only those that do not balance (yet).
SELECT batch, item, source, department, way, said, judged, loaded, accepted, duplicate, superseded, rejected, excluded, rows_accepted, rows_rejected, rows_echoed
FROM legs
WHERE {all:UInt8} = 1 OR said != judged OR judged != loaded OR accepted != rows_accepted OR rejected != rows_rejected
ORDER BY item, source, batch
LIMIT {limit:UInt64}
