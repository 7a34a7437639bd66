-- One department's rejected records (`$rejects`: those nothing has answered, or those answered since), newest first, each with what the department said of it last: what is loaded, or what is on its way.
SELECT $what
FROM (
    SELECT _item, _source, _way, _batch, _line, _row, _ref, _key, _partition, _offset, _by, rules, reasons, fields, _received_at, mark, version, about, by, declared_at,
           transform(mark, {marks:Array(String)}, {states:Array(String)}, if(said = '', 'open', said)) AS state
    FROM (
        SELECT _item, _source, _way, _batch, _line, _row, _ref, _key, _partition, _offset, _by, rules, reasons, fields, _received_at,
               concat(_source, ' ', ifNull(_row, ''), ' ', _fingerprint) AS mark
        FROM $rejects
        WHERE _department = {department:String} AND ({item:String} = '' OR _item = {item:String}) AND ({way:String} = '' OR _way = {way:String})
          AND ({rule:String} = '' OR has(rules, {rule:String})) AND ({batch:String} = '' OR _batch = {batch:String})
          AND ({some:UInt8} = 0 OR has({numbers:Array(String)}, concat(_batch, '#', toString(_line))))
    ) AS r
    ANY LEFT JOIN (
        SELECT mark, max(version_) AS version, argMax(about_, version_) AS about, argMax(by_, version_) AS by, argMax(at_, version_) AS declared_at, argMax(state_, version_) AS said
        FROM (
            SELECT visitParamExtractString(about, 'of') AS mark, visitParamExtractString(about, 'state') AS state_, version AS version_, about AS about_, by AS by_, toString(declared_at) AS at_
            FROM declarations FINAL WHERE kind = 'reject' AND department = {department:String}
        )
        GROUP BY mark
    ) AS d USING (mark)
)
WHERE {state:String} = '' OR state = {state:String}
$order
