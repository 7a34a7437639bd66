-- Days on which records of tapped tables were received that were still rejected at the cut-off.
SELECT _department AS department, _item AS item, substring(toString(_received_at), 1, 10) AS day
FROM (${open_at})
WHERE _way = 'cdc' AND ({department:String} = '' OR _department = {department:String})
GROUP BY department, item, day
ORDER BY department, item, day
