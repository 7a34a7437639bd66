-- Comparisons of tapped tables with the warehouse that ended before the cut-off and began on or after a day.
SELECT source, department, item, verdict, substring(toString(began), 1, 10) AS compared
FROM proofs FINAL
WHERE ended < toDateTime({until:String}, 'Asia/Shanghai') AND began >= toDateTime({since:String}, 'Asia/Shanghai')
  AND ({department:String} = '' OR department = {department:String})
ORDER BY department, item, source, compared
