-- The three legs of every batch and item: said by whoever published it, judged, loaded. `loaded` is counted in rows, never taken from a receipt.
SELECT batch, item, max(source_) AS source, max(department_) AS department, max(way_) AS way,
       sum(said_) AS said, sum(accepted_ + duplicate_ + superseded_ + rejected_ + excluded_) AS judged, sum(rows_accepted_ + rows_rejected_ + rows_echoed_) AS loaded,
       sum(accepted_) AS accepted, sum(duplicate_) AS duplicate, sum(superseded_) AS superseded, sum(rejected_) AS rejected, sum(excluded_) AS excluded,
       sum(rows_accepted_) AS rows_accepted, sum(rows_rejected_) AS rows_rejected, sum(rows_echoed_) AS rows_echoed
FROM (
    SELECT batch, item, source AS source_, department AS department_, way AS way_, rows AS said_,
           toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_, toInt64(0) AS rejected_, toInt64(0) AS excluded_,
           toInt64(0) AS rows_accepted_, toInt64(0) AS rows_rejected_, toInt64(0) AS rows_echoed_
    FROM batches FINAL
    UNION ALL
    SELECT batch, item, source AS source_, department AS department_, way AS way_, toInt64(0) AS said_,
           accepted AS accepted_, duplicate AS duplicate_, superseded AS superseded_, rejected AS rejected_, excluded AS excluded_,
           toInt64(0) AS rows_accepted_, toInt64(0) AS rows_rejected_, toInt64(0) AS rows_echoed_
    FROM receipts FINAL
    UNION ALL
    SELECT batch, item, '' AS source_, '' AS department_, '' AS way_, toInt64(0) AS said_,
           toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS superseded_, toInt64(0) AS rejected_, toInt64(0) AS excluded_,
           rows_accepted AS rows_accepted_, rows_rejected AS rows_rejected_, rows_echoed AS rows_echoed_
    FROM loaded_rows
)
GROUP BY batch, item
