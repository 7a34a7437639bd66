-- 入库率 重复率 更新率 count messages; 合规率 疑问率 count identities: those with a valid outcome, and those still rejected now. Numerators beside denominators.
SELECT department, item, sum(received_) AS received, sum(accepted_) AS accepted, sum(duplicate_) AS duplicate, sum(changed_) AS changed,
       sum(judged_) AS judged, sum(open_) AS open
FROM (
    SELECT department, item, sum(said) AS received_, sum(accepted) AS accepted_, sum(duplicate) AS duplicate_,
           toInt64(0) AS changed_, toInt64(0) AS judged_, toInt64(0) AS open_
    FROM legs GROUP BY department, item
    UNION ALL
    SELECT _department AS department, item, toInt64(0) AS received_, toInt64(0) AS accepted_, toInt64(0) AS duplicate_,
           toInt64(countIf(_change = 'change')) AS changed_, toInt64(0) AS judged_, toInt64(0) AS open_
    FROM accepted GROUP BY department, item
    UNION ALL
    SELECT department, item, toInt64(0) AS received_, toInt64(0) AS accepted_, toInt64(0) AS duplicate_, toInt64(0) AS changed_,
           toInt64(count()) AS judged_, toInt64(sum(is_open)) AS open_
    FROM (
        SELECT department, item, key, max(is_open_) AS is_open
        FROM (
            SELECT _department AS department, item, _key AS key, 0 AS is_open_ FROM accepted WHERE _change != 'withdrawn'
            UNION ALL
            SELECT department, item, key, 0 AS is_open_ FROM echoes FINAL WHERE outcome != 'excluded' AND operation NOT IN ('withdraw', 'retract')
            UNION ALL
            SELECT _department AS department, _item AS item, _key AS key, 1 AS is_open_ FROM open_rejects
        )
        GROUP BY department, item, key
    )
    GROUP BY department, item
)
GROUP BY department, item
ORDER BY department, item
