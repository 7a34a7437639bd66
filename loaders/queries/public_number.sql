-- The key of the version that a record's public number names.
SELECT DISTINCT _key AS key FROM `${item}_history` WHERE _partition = {partition:Int64} AND _offset = {offset:Int64}
