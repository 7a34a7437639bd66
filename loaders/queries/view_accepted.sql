-- Every version of every item's records: what the balance, the rejects and the figures need of them.
SELECT '$item' AS item, _source, _department, _way, _batch, _line, _row, _ref, _operation, _key, _version, _change,
       _received_at, _judged_at, _partition, _offset
FROM `${item}_history` FINAL
