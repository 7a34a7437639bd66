-- An item's records that are published today: a page of them, or how many (`what`, `order`). Dates are compared as ISO text, which every server has of them.
-- usage, until, decided, severity, state: the item's fields as text, '' where it has none. A record on a person is left out unless its own scope says that it is public (persons = 1).
SELECT ${what}
FROM (
    SELECT * FROM `${item}` FINAL
    WHERE _withdrawn = 0 AND ${usage} = '0' AND NOT has({hidden:Array(String)}, ${state}) AND _key NOT IN (SELECT arrayJoin({withheld:Array(String)}))
      AND if(${until} = '', ${decided} >= transform(${severity}, {severities:Array(String)}, {earliest:Array(String)}, {otherwise:String}), ${until} >= {today:String})
      AND ({department:String} = '' OR _department = {department:String})
      AND ({since:String} = '' OR ${decided} >= {since:String}) AND ({to:String} = '' OR ${decided} <= {to:String})
      AND ({persons:UInt8} = 1 OR _key IN (SELECT key FROM links FINAL WHERE item = {item:String} AND person = 0 AND standing = 1))
)
${order}
