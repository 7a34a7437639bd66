-- When each of one department's tapped tables was compared with the warehouse last, and what was found.
SELECT source, max(ended) AS at, argMax(verdict, ended) AS found
FROM proofs FINAL
WHERE department = {department:String}
GROUP BY source
ORDER BY source
