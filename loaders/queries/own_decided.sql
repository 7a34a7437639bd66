-- How many records of one department stand that were decided in one month.
SELECT count() AS n
FROM `${item}` FINAL
WHERE _withdrawn = 0 AND _department = {department:String} AND substring(ifNull(toString(`${decided}`), ''), 1, 7) = {month:String}
