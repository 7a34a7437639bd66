-- Every version of every item's records: what the balance, the rejects and the figures need of them. `_dated`: the day the record is dated by, `_delivered`: when it
-- was delivered by the department's clock, local text both. Of a tapped table that is the source's time, blank where it is not known; one more than five minutes after
-- the record reached us is not believed. Of every other way it is the time received.
SELECT '$item' AS item, _source, _department, _way, _batch, _line, _row, _ref, _operation, _key, _version, _change,
       _received_at, _judged_at, _partition, _offset,
       ifNull(substring(toString(`$dated`), 1, 10), '') AS _dated,
       multiIf(_way != 'cdc' OR ifNull(substring(toString(_source_time), 1, 19), '') > substring(toString(_received_at + INTERVAL 5 MINUTE), 1, 19),
               substring(toString(_received_at), 1, 19), ifNull(substring(toString(_source_time), 1, 19), '')) AS _delivered
FROM `${item}_history` FINAL
