-- The last word of every source row about these keys: its fingerprint, nothing where it said that the record is gone. A retraction is no word of its source; a promoted version is an older word,
-- brought about by the end of another's. What a tapped table repeats may be a replay of what it said long ago: it
-- counts where it is what stands.
SELECT key, source, row, way, fingerprint
FROM (
    SELECT _key AS key, _source AS source, _row AS row, _way AS way, if(_change = 'withdrawn', CAST(NULL AS Nullable(String)), CAST(_fingerprint AS Nullable(String))) AS fingerprint,
           _received_at AS at, _line AS line
    FROM `${item}_history` FINAL
    WHERE _key IN (SELECT arrayJoin({keys:Array(String)})) AND _operation != 'retract' AND _change != 'promoted'
    UNION ALL
    SELECT key, source, row, way, fingerprint, at, line
    FROM (
        SELECT _key AS key, _batch AS batch, CAST(NULL AS Nullable(String)) AS row, CAST(NULL AS Nullable(String)) AS fingerprint, _received_at AS at, _line AS line
        FROM `${item}_history` FINAL
        WHERE _key IN (SELECT arrayJoin({keys:Array(String)})) AND _change = 'promoted'
    ) AS p
    ANY INNER JOIN (SELECT batch, source, way FROM batches WHERE way != 'cdc') AS b USING (batch)
    UNION ALL
    SELECT key, source, row, way, if(operation = 'withdraw', CAST(NULL AS Nullable(String)), fingerprint) AS fingerprint, received_to AS at, line
    FROM echoes FINAL
    WHERE key IN (SELECT arrayJoin({keys:Array(String)})) AND item = {item:String} AND operation != 'retract' AND outcome IN ('duplicate', 'superseded')
      AND (operation = 'withdraw' OR isNotNull(fingerprint))
      AND (isNull(row) OR outcome = 'superseded' OR (key, ifNull(stands, toInt64(0)), ifNull(fingerprint, '')) IN (
          SELECT _key, _version, _fingerprint FROM `${item}_history` FINAL WHERE _key IN (SELECT arrayJoin({keys:Array(String)}))
      ))
)
ORDER BY at DESC, line DESC
LIMIT 1 BY key, source, row
