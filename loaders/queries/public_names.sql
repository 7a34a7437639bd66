-- Names of subjects, in force or given up, that hold this text.
SELECT DISTINCT value, kind, item, key FROM subject_names WHERE kind = 'name' AND position(value, {text:String}) > 0 ORDER BY length(value), value, item, key LIMIT {limit:UInt64}
