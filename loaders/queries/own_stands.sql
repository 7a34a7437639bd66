-- What stands now, or stood last, of each of these keys: whose it is, which way it came and since when.
SELECT _key AS key, _version AS version, _department AS department, _source AS source, _way AS way, _batch AS batch, _line AS line, _received_at AS at, _withdrawn AS withdrawn
FROM `${item}` FINAL
WHERE _key IN (SELECT arrayJoin({keys:Array(String)}))
