"""experiment"""
import time
from dataclasses import replace
import psycopg, pymysql
import pytest
from connectors import plan, prepare
from connectors.connect import settled
from tests.connectors.conftest import PASSWORDS, Tapped, insert
from tests.waiting import eventually
from infra.wait import until
pytestmark = pytest.mark.servers

DDLS = {
    "added": "ADD COLUMN extra varchar(10) DEFAULT 'x'",
    "dropped": "DROP COLUMN fee",
    "renamed": "RENAME COLUMN name TO name2",
    "rewritten_pg": "ALTER COLUMN fee TYPE numeric(18,4)",
    "rewritten_my": "MODIFY fee numeric(20,4)",
}
def owner(t):
    d = t.source.database
    s = t.settings.secrets()
    if t.kind == "postgres":
        return psycopg.connect(host="127.0.0.1", port=int(d.port), user="postgres", password=s["GUIJI_POSTGRES_PASSWORD"], dbname=d.name)
    return pymysql.connect(host="127.0.0.1", port=int(d.port), user="root", password=s["GUIJI_MARIADB_PASSWORD"], database=d.name, autocommit=True)

@pytest.mark.parametrize("what", list(DDLS))
def test_it(tapped: Tapped, what):
    if what.endswith("_my") and tapped.kind == "postgres" or what.endswith("_pg") and tapped.kind == "mariadb": pytest.skip("x")
    both = tapped.with_table("zzz"); both = replace(both, tables={**both.tables, **{k: v for k, v in tapped.with_table("aaa").tables.items()}})
    tapped.make("zzz", 500); tapped.make("aaa", 500)
    tapped.run(insert(1))
    tapped.run(*prepare.undo(tapped.source)[1:] if tapped.kind=="postgres" else [], *prepare.statements(both, PASSWORDS["CONNECTORS_PASSWORD"]))
    o = owner(tapped)
    with o.cursor() as c:
        if tapped.kind == "postgres":
            c.execute("SELECT pg_create_logical_replication_slot('guiji_%s','pgoutput')" % tapped.name); o.commit()
            c.execute("LOCK TABLE permit")
        else:
            pass
        if tapped.kind == "postgres":
            plan.apply(tapped.settings, {tapped.name: both})
            eventually(lambda: tapped.run(f"SELECT 1 FROM pg_stat_activity WHERE usename='{tapped.source.database.user}' AND wait_event_type='Lock'"))
            for t in ("aaa", "zzz"):
                try:
                    tapped.run("SET lock_timeout='1s'", f"ALTER TABLE {t} {DDLS[what]}")
                    print("DDL OK", t)
                except Exception as f: print("DDL", t, repr(f)[:100])
            c.execute("ROLLBACK")
            o.rollback()
        else:
            import threading
            h = owner(tapped)
            tapped.run("CREATE TABLE hold (n int)")
            h.cursor().execute("LOCK TABLES hold WRITE")
            ap = threading.Thread(target=lambda: plan.apply(tapped.settings, {tapped.name: both}))
            ap.start()
            eventually(lambda: [r for r in tapped.run("SHOW PROCESSLIST") if r[1] == tapped.source.database.user and "lock" in str(r[6]).lower()], told=lambda: tapped.run("SHOW PROCESSLIST"))
            print([r for r in tapped.run("SHOW PROCESSLIST") if r[1] == tapped.source.database.user])
            lk = threading.Thread(target=lambda: c.execute("LOCK TABLES permit WRITE"))
            lk.start()
            eventually(lambda: [r for r in tapped.run("SHOW PROCESSLIST") if "LOCK TABLES permit" in str(r[7]) and "ait" in str(r[6])], told=lambda: tapped.run("SHOW PROCESSLIST"))
            h.cursor().execute("UNLOCK TABLES")
            lk.join()
            eventually(lambda: [r for r in tapped.run("SHOW PROCESSLIST") if r[1] == tapped.source.database.user and "metadata lock" in str(r[6]).lower()], told=lambda: tapped.run("SHOW PROCESSLIST"))
            print([r for r in tapped.run("SHOW PROCESSLIST") if r[1] == tapped.source.database.user])
            for t in ("aaa", "zzz"):
                try:
                    tapped.run("SET lock_wait_timeout=2", f"ALTER TABLE {t} {DDLS[what]}")
                    print("DDL OK", t)
                except Exception as f: print("DDL", t, repr(f)[:100])
            c.execute("UNLOCK TABLES")
            ap.join()
    seen = set()
    def look():
        s = tapped.connect.status(tapped.name)
        seen.add((s.state, s.tasks, (s.reason or "")[:300]))
        return s.failed or settled(tapped.connect.offsets(tapped.name))
    until(look, 60)
    print("STATUS", seen, settled(tapped.connect.offsets(tapped.name)))
    for t in ("aaa","permit","zzz"):
        try: print(t, len(tapped.ids(t)))
        except Exception as f: print(t, repr(f)[:200])
    assert 0
