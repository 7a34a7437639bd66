-- Every source's account since the beginning: received is what was said, never a sum of outcomes.
SELECT source, department, way, item, sum(said) AS received, sum(accepted) AS accepted_, sum(duplicate) AS duplicate_, sum(superseded) AS superseded_,
       sum(rejected) AS rejected_, sum(excluded) AS excluded_, sum(judged) AS judged_, sum(loaded) AS loaded_
FROM legs
GROUP BY source, department, way, item
ORDER BY source, way, item
