-- Which registers' records carry, or once carried, these values.
SELECT DISTINCT value, kind, item, key FROM subject_names WHERE value IN (SELECT arrayJoin({values:Array(String)})) AND value != ''
