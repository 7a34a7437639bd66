-- How often each rule refused a record in the stretch of days, and how many identities that are rejected at the cut-off, whenever that was, broke it.
SELECT rule, sum(rejections_) AS rejections, sum(open_) AS open
FROM (
    SELECT arrayJoin(splitByChar(' ', rules)) AS rule, toInt64(1) AS rejections_, toInt64(0) AS open_ FROM (${messages_within}) WHERE outcome = 'rejected'
    UNION ALL
    SELECT arrayJoin(splitByChar(' ', rules)) AS rule, toInt64(0) AS rejections_, toInt64(1) AS open_ FROM (${open_identities}) WHERE {source:String} = '' OR source = {source:String}
)
GROUP BY rule
ORDER BY rejections DESC, open DESC, rule
