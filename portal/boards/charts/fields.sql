-- Of the item's records that stand at the cut-off: how many have each field filled, of those to which it applies.
SELECT field, sum(filled) AS has, sum(applicable) AS ought, sum(applicable - filled) AS lacking
FROM (${completeness})
GROUP BY field
HAVING ought > 0
ORDER BY has / ought, field
