-- What does not balance although it is old: batches, and their records between said and judged, judged and loaded.
SELECT count() AS batches, sum(abs(said - judged)) AS judged_, sum(abs(judged - loaded)) AS loaded_
FROM legs
WHERE (said != judged OR judged != loaded OR accepted != rows_accepted OR rejected != rows_rejected)
  AND batch NOT IN (SELECT batch FROM batches WHERE published_at > toDateTime({since:String}, 'Asia/Shanghai'))
