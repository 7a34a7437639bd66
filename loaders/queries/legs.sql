-- The three legs of one batch and item, straight from the tables.
SELECT sum(said_) AS said, sum(accepted_ + duplicate_ + superseded_ + rejected_ + excluded_) AS judged, sum(loaded_) AS loaded,
       sum(accepted_) AS accepted, sum(duplicate_) AS duplicate, sum(superseded_) AS superseded, sum(rejected_) AS rejected, sum(excluded_) AS excluded
FROM (
    SELECT sum(rows) AS said_, toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_, toInt64(0) AS rejected_,
           toInt64(0) AS excluded_, toInt64(0) AS loaded_
    FROM batches FINAL WHERE batch = {batch:String} AND item = {item:String}
    UNION ALL
    SELECT toInt64(0) AS said_, sum(accepted) AS accepted_, sum(duplicate) AS duplicate_, sum(superseded) AS superseded_, sum(rejected) AS rejected_,
           sum(excluded) AS excluded_, toInt64(0) AS loaded_
    FROM receipts FINAL WHERE batch = {batch:String} AND item = {item:String}
    UNION ALL
    SELECT toInt64(0) AS said_, toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_, toInt64(0) AS rejected_,
           toInt64(0) AS excluded_, toInt64(count()) AS loaded_
    FROM `${item}_history` FINAL WHERE _batch = {batch:String}
    UNION ALL
    SELECT toInt64(0) AS said_, toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_, toInt64(0) AS rejected_,
           toInt64(0) AS excluded_, toInt64(count()) AS loaded_
    FROM rejected FINAL WHERE _batch = {batch:String} AND _item = {item:String}
    UNION ALL
    SELECT toInt64(0) AS said_, toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_, toInt64(0) AS rejected_,
           toInt64(0) AS excluded_, toInt64(count()) AS loaded_
    FROM echoes FINAL WHERE batch = {batch:String} AND item = {item:String}
)
