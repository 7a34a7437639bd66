-- What each rejected record may be known by again: its key, its source's key, its source's row, its owner's reference, its own number (回执行号).
SELECT thread, _item, _partition, _offset, _batch, _line, _received_at
FROM rejected FINAL
ARRAY JOIN arrayFilter(x -> x != '', [
    concat('key ', _key),
    concat('said ', _source, ' ', _key),
    if(isNull(_row), '', concat('row ', _item, ' ', _source, ' ', assumeNotNull(ifNull(_row, '')))),
    if(isNull(_ref), '', concat('ref ', _item, ' ', _source, ' ', assumeNotNull(ifNull(_ref, '')))),
    concat('number ', _batch, '#', toString(_line))]) AS thread
