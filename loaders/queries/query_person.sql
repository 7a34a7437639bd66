-- Keys of an item's records one of whose fields holds one of these numbers, whatever version of them: the current row decides.
SELECT '${item}' AS item, _key AS key FROM `${item}` WHERE has({numbers:Array(String)}, upper(ifNull(toString(`${field}`), '')))
