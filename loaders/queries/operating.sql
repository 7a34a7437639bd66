-- Messages judged before the cut-off, by the day of judgement: what was received and what became of it, and how many were changes of a record that stood.
SELECT department, item, way, day, sum(accepted_ + duplicate_ + superseded_ + rejected_ + excluded_) AS received, sum(accepted_) AS accepted, sum(duplicate_) AS duplicate,
       sum(superseded_) AS superseded, sum(rejected_) AS rejected, sum(excluded_) AS excluded, sum(changed_) AS changed
FROM (
    SELECT department, item, way, substring(toString(judged_at), 1, 10) AS day, accepted AS accepted_, duplicate AS duplicate_, superseded AS superseded_,
           rejected AS rejected_, excluded AS excluded_, toInt64(0) AS changed_
    FROM receipts FINAL WHERE judged_at < toDateTime({until:String}, 'Asia/Shanghai')
    UNION ALL
    SELECT _department AS department, item, _way AS way, substring(toString(_judged_at), 1, 10) AS day, toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_,
           toInt64(0) AS rejected_, toInt64(0) AS excluded_, toInt64(1) AS changed_
    FROM accepted WHERE _change = 'change' AND _judged_at < toDateTime({until:String}, 'Asia/Shanghai')
)
WHERE day >= {first:String} AND day <= {last:String} AND ({department:String} = '' OR department = {department:String}) AND ({item:String} = '' OR item = {item:String})
GROUP BY department, item, way, day
ORDER BY department, item, way, day
