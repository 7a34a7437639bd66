-- When every department last said something by every way, seconds since 1970: a batch, or of a tapped database the proof that nothing had changed.
SELECT department, way, max(at) AS newest
FROM (
    SELECT department, way, toUnixTimestamp(published_at) AS at FROM batches FINAL
    UNION ALL
    SELECT department, 'cdc' AS way, toUnixTimestamp(ended) AS at FROM proofs FINAL WHERE verdict = 'equal'
)
GROUP BY department, way
ORDER BY department, way
