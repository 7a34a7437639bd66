-- Every text of a row that was ever rejected, by the source's row: fingerprints of the verbatim text.
SELECT assumeNotNull(_row) AS row, groupUniqArray(_fingerprint) AS fingerprints
FROM rejected FINAL
WHERE _item = {item:String} AND _source = {source:String} AND isNotNull(_row) AND _row > {after:String}
GROUP BY row
ORDER BY row
LIMIT {limit:UInt64}
