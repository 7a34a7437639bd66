-- What stands by one source's word, by key: the key, the source's row, the fingerprint of what it says.
SELECT _key AS key, ifNull(_row, '') AS row, _fingerprint AS fingerprint
FROM `${item}` FINAL
WHERE _withdrawn = 0 AND _source = {source:String} AND _key > {after:String}
ORDER BY key
LIMIT {limit:UInt64}
