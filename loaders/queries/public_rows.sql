-- The current rows of these keys that stand. The range lets the server find its way along the key.
SELECT * FROM `${item}` FINAL
WHERE _withdrawn = 0 AND _key >= {low:String} AND _key <= {high:String} AND has({keys:Array(String)}, _key)
