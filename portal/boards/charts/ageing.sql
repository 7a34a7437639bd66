-- Identities that are rejected at the cut-off, by age.
SELECT age, count() AS open
FROM (${open_identities})
GROUP BY age
ORDER BY length(age), age
