-- When the newest batch of every source was published, seconds since 1970.
SELECT department, source, way, item, toUnixTimestamp(max(published_at)) AS newest
FROM batches FINAL
GROUP BY department, source, way, item
ORDER BY department, source, way, item
