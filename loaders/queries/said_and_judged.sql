-- Each batch and item, of any time, as of a moment: how many records were said, how many are judged, when it was published last.
SELECT batch, item, max(department_) AS department, max(way_) AS way, max(source_) AS source, sum(said_) AS said, sum(judged_) AS judged, max(published_) AS published
FROM (
    SELECT batch, item, department AS department_, way AS way_, source AS source_, rows AS said_, toInt64(0) AS judged_, toString(published_at) AS published_
    FROM batches FINAL WHERE published_at < toDateTime({until:String}, 'Asia/Shanghai')
    UNION ALL
    SELECT batch, item, department AS department_, way AS way_, source AS source_, toInt64(0) AS said_, accepted + duplicate + superseded + rejected + excluded AS judged_, '' AS published_
    FROM receipts FINAL WHERE judged_at < toDateTime({until:String}, 'Asia/Shanghai')
)
WHERE ({department:String} = '' OR department_ = {department:String}) AND ({item:String} = '' OR item = {item:String})
  AND ({way:String} = '' OR way_ = {way:String}) AND ({source:String} = '' OR source_ = {source:String})
GROUP BY batch, item
