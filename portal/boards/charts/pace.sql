-- What each hour of the last two days before the cut-off brought.
SELECT hour, sum(received_) AS received, sum(accepted_) AS accepted, sum(rejected_) AS rejected
FROM (
    SELECT toString(toStartOfHour(judged_at)) AS hour, accepted + duplicate + superseded + rejected + excluded AS received_, accepted AS accepted_, rejected AS rejected_
    FROM receipts FINAL
    WHERE judged_at < toDateTime({until:String}, 'Asia/Shanghai') AND judged_at >= toDateTime({until:String}, 'Asia/Shanghai') - 172800
      AND ({department:String} = '' OR department = {department:String}) AND ({item:String} = '' OR item = {item:String})
      AND ({way:String} = '' OR way = {way:String}) AND ({source:String} = '' OR source = {source:String})
)
GROUP BY hour
ORDER BY hour
