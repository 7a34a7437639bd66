-- The judge's receipts of a stretch of days, as of a moment.
SELECT batch, department, item, way, source, substring(toString(judged_at), 1, 10) AS day, toString(judged_at) AS at, accepted AS accepted_, duplicate AS duplicate_, superseded AS superseded_,
       rejected AS rejected_, excluded AS excluded_, accepted + duplicate + superseded + rejected + excluded AS received_
FROM receipts FINAL
WHERE judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND judged_at >= toDateTime(concat({first:String}, ' 00:00:00'), 'Asia/Shanghai') AND substring(toString(judged_at), 1, 10) <= {last:String}
  AND ({department:String} = '' OR department = {department:String}) AND ({item:String} = '' OR item = {item:String})
  AND ({way:String} = '' OR way = {way:String}) AND ({source:String} = '' OR source = {source:String})
