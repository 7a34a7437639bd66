import runpy, json, sys, pytest
from tests.streams.front import front
from infra import held
from tests.waiting import eventually
@pytest.mark.parametrize("kind", ["postgres","mariadb"])
def test_explore(stack, tmp_path, kind):
    spec = runpy.run_path("/tmp/cases_pg.py" if kind == "postgres" else "/tmp/cases_maria.py")
    cases = spec["CASES"]
    ddl = spec["BEFORE"] + [f"CREATE TABLE {n} (bh varchar(60) PRIMARY KEY, v {c[0]})" for n, c in cases.items()]
    tables = {(f"public.{n}" if kind == "postgres" else n): {"delete": "withdraw", "columns": {"BH": "bh", c[1]: "v"}} for n, c in cases.items()}
    out = open(f"/tmp/explore_{kind}.txt", "w")
    with front(stack, kind, f"x{kind}", ddl, tables, tmp_path) as f:
        def fill(phase):
            n = 0
            for name, (_, _, values) in cases.items():
                for i, v in enumerate(values):
                    try:
                        f.run(f"INSERT INTO {name} (bh{', v' if v is not None else ''}) VALUES ('{name}/{phase}/{i}'{', ' + v if v is not None else ''})"); n += 1
                    except Exception as e:
                        out.write(f"INSERT {name} {v}: {e}\n")
                        if kind == "postgres": f.ask("ROLLBACK") if False else None
            return n
        n = fill("r")
        try:
            f.apply()
        except Exception as e:
            out.write(f"APPLY {str(e)[:3000]}\n")
        with f.mapping():
            try: eventually(lambda: sum(f.events(t) for t in cases) >= n, 60)
            except AssertionError as e: out.write(f"snapshot {e} {f.connect.status(f.name)}\n")
            n2 = fill("c")
            try: eventually(lambda: sum(f.events(t) for t in cases) >= n + n2, 60)
            except AssertionError as e: out.write(f"stream {e} {f.connect.status(f.name)}\n")
            total = sum(f.events(t) for t in cases)
            try: f.mapped(total, 20)
            except AssertionError as e: out.write(f"map {e}\n")
        said = {r["BH"]: r for r in f.said()}
        out.write(f"held {held.read(f.settings).held}\n")
        for name, (col, field, values) in cases.items():
            for i, v in enumerate(values):
                a, b = ((said.get(f"{name}/{p}/{i}") or {field: "ABSENT"})[field] for p in "rc")
                a, b = ((x[:60] if x else x) for x in (a, b))
                out.write(f"{col:40} {field} {str(v):50} {a!r}" + ("" if a == b else f" | {b!r}") + "\n")
