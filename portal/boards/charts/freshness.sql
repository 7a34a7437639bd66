-- How old the newest batch of each source is at the cut-off, in whole hours.
SELECT source, substring(max(published), 1, 19) AS newest, intDiv(toUInt32(toDateTime({until:String}, 'Asia/Shanghai')) - toUInt32(toDateTime(newest, 'Asia/Shanghai')), 3600) AS hours
FROM (${said_and_judged})
WHERE published != ''
GROUP BY source
ORDER BY hours DESC, source
