-- What a batch changed: the versions it made.
SELECT _key AS key, _version AS version, _line AS line, _change AS change, _operation AS operation
FROM `${item}_history` FINAL
WHERE _batch = {batch:String}
ORDER BY _version
