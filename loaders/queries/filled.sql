-- Which of these tables have rows. (18.16 loses some with IN and a list.)
SELECT table
FROM system.parts
WHERE active AND database = currentDatabase() AND has({tables:Array(String)}, table)
GROUP BY table
HAVING sum(rows) > 0
