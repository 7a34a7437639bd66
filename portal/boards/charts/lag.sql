-- What was said and is not judged yet, by source.
SELECT source, sum(said) AS all_said, sum(judged) AS all_judged, sum(said - judged) AS waiting, sum(said != judged) AS batches
FROM (${said_and_judged})
GROUP BY source
ORDER BY waiting DESC, source
