-- One department's records of an item that changed nothing: repeats (duplicate), and those for which something else stands (superseded).
SELECT $what
FROM echoes FINAL
WHERE item = {item:String} AND department = {department:String} AND outcome IN ('duplicate', 'superseded')
  AND ({outcome:String} = '' OR outcome = {outcome:String}) AND ({way:String} = '' OR way = {way:String}) AND ({batch:String} = '' OR batch = {batch:String})
$order
