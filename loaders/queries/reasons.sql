-- How often each rule refused a record: all rejections, and those still open.
SELECT item, department, source, rule, sum(one) AS rejections, sum(open_) AS open
FROM (
    SELECT _item AS item, _department AS department, _source AS source, rule, toInt64(1) AS one, toInt64(0) AS open_ FROM rejected FINAL ARRAY JOIN rules AS rule
    UNION ALL
    SELECT _item AS item, _department AS department, _source AS source, rule, toInt64(0) AS one, toInt64(1) AS open_ FROM open_rejects ARRAY JOIN rules AS rule
)
GROUP BY item, department, source, rule
ORDER BY rejections DESC, item, department, source, rule
