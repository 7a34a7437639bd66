-- What one department's records came by: per item, way and source when the last arrived, how many were said and judged, how many were said lately, and the outcomes since the item's period began and before it.
SELECT item, way, source, max(last_) AS last, sum(said_) AS said, sum(judged_) AS judged, sum(lately_) AS lately,
       sum(if(now_ = 1, accepted_, 0)) AS accepted_now, sum(if(now_ = 1, duplicate_, 0)) AS duplicate_now, sum(if(now_ = 1, superseded_, 0)) AS superseded_now,
       sum(if(now_ = 1, rejected_, 0)) AS rejected_now, sum(if(now_ = 1, excluded_, 0)) AS excluded_now,
       sum(if(now_ = 0, accepted_, 0)) AS accepted_before, sum(if(now_ = 0, duplicate_, 0)) AS duplicate_before, sum(if(now_ = 0, superseded_, 0)) AS superseded_before,
       sum(if(now_ = 0, rejected_, 0)) AS rejected_before, sum(if(now_ = 0, excluded_, 0)) AS excluded_before
FROM (
    SELECT item, way, source, toString(received_at) AS last_, rows AS said_, toInt64(0) AS judged_, if(toString(received_at) >= {lately:String}, rows, toInt64(0)) AS lately_,
           toInt64(0) AS now_, toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_, toInt64(0) AS rejected_, toInt64(0) AS excluded_
    FROM batches FINAL WHERE department = {department:String} AND rows > 0
    UNION ALL
    SELECT item, way, source, toString(received_to) AS last_, toInt64(0) AS said_, accepted + duplicate + superseded + rejected + excluded AS judged_, toInt64(0) AS lately_,
           toInt64(toString(received_to) >= transform(toString(item), {items:Array(String)}, {starts:Array(String)}, '9')) AS now_,
           accepted AS accepted_, duplicate AS duplicate_, superseded AS superseded_, rejected AS rejected_, excluded AS excluded_
    FROM receipts FINAL WHERE department = {department:String}
)
GROUP BY item, way, source
ORDER BY item, way, source
