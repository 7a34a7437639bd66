-- What was declared of some kinds, all departments or one, first version first. A version whose number two bear: the later in the topic stands.
SELECT id, kind, department, item, version, about, by, declared_at
FROM declarations FINAL
WHERE has({kinds:Array(String)}, kind) AND ({department:String} = '' OR department = {department:String})
ORDER BY kind, department, item, version, _offset
