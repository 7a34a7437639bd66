-- Rows in the warehouse per batch and kind of table. A promoted record bears another source's name, so only batch and item count here.
SELECT batch, item, sum(accepted_) AS rows_accepted, sum(rejected_) AS rows_rejected, sum(echoed_) AS rows_echoed
FROM (
    SELECT _batch AS batch, item, toInt64(1) AS accepted_, toInt64(0) AS rejected_, toInt64(0) AS echoed_ FROM accepted
    UNION ALL
    SELECT _batch AS batch, _item AS item, toInt64(0) AS accepted_, toInt64(1) AS rejected_, toInt64(0) AS echoed_ FROM rejected FINAL
    UNION ALL
    SELECT batch, item, toInt64(0) AS accepted_, toInt64(0) AS rejected_, toInt64(1) AS echoed_ FROM echoes FINAL
)
GROUP BY batch, item
