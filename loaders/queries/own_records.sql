-- One department's records of an item as they stand or stood last, newest arrival first; `some` = 1: of these keys only.
SELECT $what
FROM `${item}` FINAL
WHERE _department = {department:String} AND ({some:UInt8} = 0 OR has({keys:Array(String)}, _key))
$order
