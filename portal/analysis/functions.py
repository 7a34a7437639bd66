"""The functions an analyst's statement may call, in lower case: what computes on values. Not among them: whatever reads files, addresses, settings, dictionaries or tables, or waits."""

_COUNTING = """
count countif countdistinct uniq uniqif uniqexact uniqexactif uniqcombined uniqhll12 sum sumif sumwithoverflow avg avgif min minif max maxif any anyif anylast argmin argminif argmax argmaxif
quantile quantileif quantiles quantileexact quantileexactif quantilesexact quantiletiming quantiletdigest median medianif medianexact medianexactif stddevpop stddevsamp varpop varsamp
covarpop covarsamp corr stddev variance stddev_pop stddev_samp var_pop var_samp covar_pop covar_samp grouparray grouparrayif groupuniqarray groupuniqarrayif groupbitor groupbitand topk
topkif sumarray skewpop kurtpop simplelinearregression entropy row_number rank dense_rank ntile lag lead laginframe leadinframe first_value last_value nth_value percent_rank cume_dist
"""
_TEXT = """
length lengthutf8 char_length character_length lower upper lowerutf8 upperutf8 lcase ucase substring substr substringutf8 mid left right leftutf8 rightutf8 reverse reverseutf8 trim ltrim
rtrim trimleft trimright trimboth concat concat_ws concatwithseparator position positionutf8 positioncaseinsensitive positioncaseinsensitiveutf8 locate like ilike notlike match extract
extractall replace replaceone replaceall replaceregexpone replaceregexpall regexp_replace splitbychar splitbystring splitbyregexp arraystringconcat startswith endswith empty notempty leftpad
rightpad lpad rpad leftpadutf8 rightpadutf8 isvalidutf8 tovalidutf8 format multisearchany multisearchfirstposition countsubstrings countmatches ngramdistance levenshteindistance editdistance
hex unhex siphash64 cityhash64 xxhash64 md5 ascii strpos starts_with
"""
_TIME = """
now now64 today yesterday todate todate32 todatetime todatetime64 toyear tomonth todayofmonth todayofweek todayofyear toquarter toisoweek toisoyear toweek toyearweek tohour tominute tosecond
tostartofday tostartofweek tostartofmonth tostartofquarter tostartofyear tostartofhour tostartofminute tostartofinterval tomonday tolastdayofmonth tounixtimestamp toyyyymm toyyyymmdd
todate32ornull datediff date_diff dateadd date_add datesub date_sub date_trunc datetrunc timestamp_trunc formatdatetime parsedatetimebesteffort parsedatetimebesteffortornull adddays addweeks
addmonths addyears addhours addminutes addseconds subtractdays subtractweeks subtractmonths subtractyears subtracthours torelativedaynum todateornull todatetimeornull tointervalday
tointervalweek tointervalmonth tointervalyear tointervalhour tointervalminute tointervalsecond tointervalquarter totimezone age year month day dayofmonth dayofweek dayofyear quarter week
hour minute second last_day monthname date timestamp
"""
_VALUES = """
if multiif ifnull nullif coalesce isnull isnotnull assumenotnull tonullable isnan isfinite case transform least greatest abs sign round floor ceil ceiling trunc truncate sqrt exp log ln log2
log10 pow power intdiv intdivorzero modulo mod moduloorzero plus minus multiply divide negate equals notequals less greater lessorequals greaterorequals and or xor not bitand bitor bitxor
bitnot cast tostring toint8 toint16 toint32 toint64 touint8 touint16 touint32 touint64 tofloat32 tofloat64 toint32ornull toint64ornull tofloat64ornull toint64orzero tofloat64orzero
todecimal32 todecimal64 todecimal128 todecimal64ornull accuratecastornull array arrayjoin arraymap arrayfilter arraycount arraysum arrayexists arrayall arrayelement arrayconcat arraydistinct
arrayuniq arraysort arrayreversesort arrayreverse arrayslice arrayzip arrayfirst arrayenumerate arraymin arraymax arrayavg arraycumsum arraydifference arrayintersect has hasall hasany
indexof countequal range tuple tupleelement map mapkeys mapvalues any_value grouping
"""
# Those that call what stands first in them: the server takes a bare name there for any function's.
HIGHER = frozenset(f"array{name}" for name in ("map", "filter", "count", "exists", "all", "sum", "sort", "reversesort", "first", "min", "max", "avg", "cumsum"))
FUNCTIONS = frozenset(name.lower() for group in (_COUNTING, _TEXT, _TIME, _VALUES) for name in group.split())
# Words that may stand before a bracket without being called.
_SYNTAX = """
select from where prewhere having and or not in as on using by over when then else case with union all distinct except intersect limit offset join inner outer left right full cross any asof
semi anti global exists between like ilike is interval array rows preceding following partition order group columns replace within filter qualify window top totals rollup cube
"""
SYNTAX = frozenset(_SYNTAX.split())
