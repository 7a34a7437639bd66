-- The last version of each of these keys, standing or withdrawn.
SELECT _key AS key, _version AS version, _source AS source, _row AS row, _way AS way, _fingerprint AS fingerprint, _source_time AS source_time,
       _operation AS operation, _withdrawn AS withdrawn, _batch AS batch, _received_at AS received_at
FROM `${item}` FINAL
WHERE _key IN (SELECT arrayJoin({keys:Array(String)}))
