-- What may close a rejected record, under the same names: any valid outcome of the key, or a later saying of the same source, row or reference.
SELECT thread, batch, line, received_at, judged_at, valid, item, key
FROM (
    SELECT 1 AS valid, item, _source AS source, _key AS key, _row AS row, _ref AS ref, _batch AS batch, _line AS line, _received_at AS received_at, _judged_at AS judged_at
    FROM accepted
    UNION ALL
    SELECT 1 AS valid, item, source, key, row, ref, batch, line, received_to AS received_at, judged_at FROM echoes FINAL
    UNION ALL
    SELECT 0 AS valid, _item AS item, _source AS source, _key AS key, _row AS row, _ref AS ref, _batch AS batch, _line AS line, _received_at AS received_at, _judged_at AS judged_at
    FROM rejected FINAL
)
ARRAY JOIN arrayFilter(x -> x != '', [
    if(valid = 1, concat('key ', key), concat('said ', source, ' ', key)),
    if(isNull(row), '', concat('row ', item, ' ', source, ' ', assumeNotNull(ifNull(row, '')))),
    if(isNull(ref), '', concat('ref ', item, ' ', source, ' ', assumeNotNull(ifNull(ref, '')))),
    if(isNull(ref), '', concat('number ', assumeNotNull(ifNull(ref, ''))))]) AS thread
