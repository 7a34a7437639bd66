-- Batches that are not judged whole, oldest first.
SELECT batch AS number, item, department, way, source, published AS at, '' AS key, toString(said) AS what, toString(judged) AS more
FROM (${said_and_judged})
WHERE said != judged
ORDER BY at, number
