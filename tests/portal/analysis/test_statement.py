"""What an analyst's statement may be: it reads the views by their names and nothing else, whatever it looks like; what is run is put together anew; faults come with their line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.analysis.functions import FUNCTIONS
from portal.analysis.statement import OWN, NotAllowed, line_of, runnable
from portal.analysis.views import views
from tests.portal.desk import CATALOG

VIEWS = views(CATALOG())
WAIT = "sleep" + "("
GOOD = [
    "select count() from xzxk", "SELECT department, sum(accepted) FROM receipts GROUP BY department ORDER BY 2 DESC LIMIT 5",
    "with x as (select _record from xzxk) select count() from x join xzcf as y on x._record = y._record", "select toStartOfMonth(XK_JDRQ) as m, countIf(XK_ZT = '0') from xzxk group by m",
    "select 1 union all select 2", "select * from xzxk where XK_XDR in ('a', 'b') and 1 in (select 1) and (1, 2) in ((1, 2), (3, 4))", "select quantile(0.5)(accepted) from receipts",
    "select *, row_number() over (partition by department order by accepted) as n from receipts", "select * from xzxk final limit 1 by XK_XDR",
    "select arrayMap(x -> upper(x), rules) from rejected",
    "select a.n from (select count() as n from xzxk_history) as a", "with (select 1) as n select n", "select XK_WSH as 文号 from xzxk -- 备注", "select 1 /* file('x') */",
]  # fmt: skip
# Each reaches for something: files, addresses, other tables, settings, the server itself; or writes.
BAD = [
    "select * from file('/etc/passwd')", "select file('/etc/passwd')", "select `file`('/etc/passwd')", 'select "file"(\'/etc/passwd\')', "select arrayMap(x -> file(x), ['/etc/passwd'])",
    "select FILE ( '/etc/passwd' )",
    "select * from url('http://127.0.0.1/', 'CSV', 'a String')", "select * from s3('x')", "select * from remote('127.0.0.1', system.one)", "select * from cluster('a', xzxk)",
    "select * from mysql('h', 'd', 't', 'u', 'p')",
    "select * from postgresql('h', 'd', 't', 'u', 'p')", "select * from executable('x', 'CSV', 'a String')", "select * from merge('guiji', '.*')", "select * from numbers(10)",
    "select * from values('a Int8', 1)",
    "select * from system.tables", "select * from `system`.`tables`", 'select * from "system"."tables"', "select * from guiji.xzxk", "select * from information_schema.tables",
    "select * from rejected_raw",
    "select * from declarations", "select * from topics", "select * from accepted", "select * from open_rejects", "select 1 where 'a' in system.one", "select 1 where 'a' in (system.one)",
    "select 1 where ('a') not in (rejected)",
    "select 1 where 'a' global in rejected", "select 1 where 1 in ((select 1), xzxk)", "select in(1, rejected)", "select joinGet('t', 'c', 1)", "select dictGet('d', 'a', 1)",
    "select hasColumnInTable('guiji', 'xzxk', 'a')",
    "select 1 into outfile '/tmp/x'", "select * from xzxk into outfile '/tmp/x' format CSV", "select 1 format CSV", "select 1 settings max_threads = 8",
    "select * from xzxk settings max_memory_usage = 0",
    "insert into xzxk select 1", "drop table xzxk", "create table x (a Int8) engine = Memory", "alter table xzxk drop column a", "truncate table xzxk", "set readonly = 0", "system shutdown",
    "kill query where 1", "attach table x",
    "show tables", "describe xzxk", "explain select 1", "use system", "optimize table xzxk", "grant select on *.* to x", "select 1; select 2", "select 1; drop table xzxk", "",
    "  -- nothing", "select {a:String}", "select @@version",
    f"select {WAIT}3)", "select version()", "select hostName()", "select currentUser()", "select user()", "select getSetting('x')", "select getMacro('x')", "select currentDatabase()",
    "select filesystemAvailable()",
    "select 'a", "select (((", "select * from a..b", "select $1", "select $$a$$ || file('x')", "select * from (select * from xzxk) as `a\\` from rejected --`",
    "select 1 as `a\\`, file(1) as `b`", "select xor()",
    "with x as (select * from rejected_old) select 1", "select * from xzxk prewhere 1", "select * from xzxk sample 0.1", "select * from view(select 1)", "select * from input('a Int8')",
    "select * from loop(xzxk)",
    "(" * 3000 + "1",
    "select * from xzxk as x, system.one as y", "select 1 from xzxk left join system.one on 1 = 1", "select (select count() from system.parts)",
    "select 1 order by (select 1 from system.one)", "with y as (select 1 from system.one) select 1",
    "with file as (select 1 as a) select file('/etc/passwd') from file", f"with sleep as (select 1) select {WAIT}3)", "with file(a) as (select 1) select a from file",
    "select * apply(file) from (select '/etc/passwd' as a)", "select * apply(toString) from xzxk", "select arrayMap(file, ['/etc/passwd'])", "select arrayMap(`file`, ['/etc/passwd'])",
    "select arrayFilter((file), ['/etc/passwd'])", "select arraySort(file, ['/etc/passwd'])", "select arrayExists(file, ['/etc/passwd'])", "with (x -> toString(x)) as f select arrayMap(f, [1])",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_reads_the_views_is_run(text: str) -> None:
    assert "SELECT" in runnable(text, VIEWS)


@pytest.mark.parametrize("text", BAD)
def test_what_reaches_for_anything_else_is_not(text: str) -> None:
    with pytest.raises(NotAllowed) as told:
        runnable(text, VIEWS)
    assert told.value.faults
    assert all(each.message for each in told.value.faults)


def test_a_name_of_with_is_never_a_tables() -> None:
    """Outside of what WITH names it, the server would read a table of that name."""
    made = runnable("select * from (with rejected_old as (select 1) select * from rejected_old) as a, rejected_old", VIEWS)
    assert made.count(f'"{OWN}rejected_old"') == 3
    assert '"rejected_old"' in made  # as an alias only
    assert 'FROM "rejected_old"' not in made
    assert ", rejected_old" not in made
    assert runnable("with xzxk as (select 1 as a) select a from xzxk", VIEWS).count("XK_WSH") == 0


def test_comments_are_not_run_and_every_view_is_read_through_its_statement() -> None:
    made = runnable("select /* settings x = 1 */ 1 from xzxk -- into outfile 'x'", VIEWS)
    assert "settings" not in made
    assert "outfile" not in made
    assert '"_withdrawn" = 0' in made


def test_faults_are_told_all_at_once_with_their_lines() -> None:
    with pytest.raises(NotAllowed) as told:
        runnable("select file('x'),\n  hostName()\nfrom system.tables\nsettings x = 1", VIEWS)
    assert [(each.line, each.message[:4]) for each in told.value.faults] == [(1, "不能使用"), (2, "不能使用"), (3, "不能查询"), (4, "不能使用")]
    with pytest.raises(NotAllowed) as told:
        runnable("select 1\nfrom xzxk\nwhere where", VIEWS)
    assert [each.line for each in told.value.faults] == [3]
    assert line_of("select a,\n b\nfrom t", "b") == 2
    assert line_of("select 'a", "b") is None


def test_no_function_that_reads_anything_is_among_those_allowed() -> None:
    reading = "file url dictget joinget getsetting sleep sleepeachrow hostname version currentuser currentdatabase getmacro in globalin nullin hascolumnintable evalmlmethod showcertificate"
    assert not set(reading.split()) & FUNCTIONS


PIECES = [
    "select", "from", "xzxk", "system.one", "file(", "'a'", ")", "(", ",", "in", "with", "x", "file", "as", "union all", "settings", "final", "join", "`", '"', "\\", "--", "/*", "*/", ";", "*", "$$",
    "1",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14))
def test_whatever_is_written_is_refused_or_reads_nothing_else(words: list[str]) -> None:
    try:
        made = runnable(" ".join(words), VIEWS)
    except NotAllowed:
        return
    assert "system" not in made
    assert "file(" not in made.lower()
