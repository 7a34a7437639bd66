-- Which of these tables have rows.
SELECT table
FROM system.parts
WHERE active AND database = currentDatabase() AND table IN (SELECT arrayJoin({tables:Array(String)}))
GROUP BY table
HAVING sum(rows) > 0
