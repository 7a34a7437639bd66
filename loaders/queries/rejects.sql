-- Open rejects, newest first; a blank department, item or source means all.
SELECT _item, _department, _source, _way, _batch, _line, _row, _ref, _key, rules, reason_fields, messages, reasons, fields, _received_at, _judged_at
FROM open_rejects
WHERE ({department:String} = '' OR _department = {department:String}) AND ({item:String} = '' OR _item = {item:String})
  AND ({source:String} = '' OR _source = {source:String})
ORDER BY _received_at DESC, _batch, _line
LIMIT {skip:UInt64}, {limit:UInt64}
