-- Links that found no subject and carry one of these values.
SELECT item, key, _version, department, code, regno, orgcode, name, person, standing, _partition, _offset
FROM links FINAL
WHERE subject = '' AND person = 0 AND (code IN (SELECT arrayJoin({values:Array(String)})) OR regno IN (SELECT arrayJoin({values:Array(String)})) OR orgcode IN (SELECT arrayJoin({values:Array(String)})) OR name IN (SELECT arrayJoin({values:Array(String)})))
