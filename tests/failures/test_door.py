"""Case 14b: the door killed between chunks, and the same request repeated: one set of records, one receipt."""

import random
import signal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from infra import kafka
from infra.settings import Settings
from producers.door import digest
from producers.submission import Row, Submission
from schemas import topics
from schemas.registry import Registry
from tests.failures import ledger
from tests.failures.conftest import Start
from tests.failures.ledger import DOUBLED
from tests.producers.conftest import House, copied

pytestmark = pytest.mark.servers
ROWS = 180


@pytest.fixture
def house(stack: Any, tmp_path: Path) -> House:
    """An item whose submissions a door of its own publishes."""
    code = f"xzxk_{uuid4().hex[:8]}"
    catalog, live = copied(tmp_path / "avro", code), stack.settings
    with Registry(live.registry) as registry:
        registry.register(catalog)
    kafka.ensure(live, topics.of(catalog))
    return House(Settings(home=tmp_path / "home", kafka=live.kafka, registry=live.registry, catalogue=tmp_path / "avro"), catalog, catalog[code])


def request(house: House) -> Submission:
    rows = [Row(line, {"XK_WSH": f"济许〔2017〕{line}号", "XK_XMMC": "项目", "XK_XDR": "甲"}) for line in range(1, ROWS + 1)]
    return Submission(house.source, "zjj", "api", house.item.code, digest(b"body"), rows, "key", None, "abc")


@pytest.mark.parametrize("protected", [True, False])
def test_case_14b_one_set_of_records_and_one_receipt(house: House, start: Start, seed: int, protected: bool) -> None:
    """Chunks of 50 rows; at odd passings the door dies in a transaction, at even ones after it. Without the index of what is published it begins anew."""
    dice = random.Random(seed)
    passings = dice.sample([1, 2, 3, 4], 2) if protected else [4]
    names = "small chunks" if protected else "small chunks,journal"
    closed = house.door()
    receipt = closed.submit(request(house)).receipt
    closed.close()
    environment = {"GUIJI_HOME": str(house.settings.home), "GUIJI_KAFKA": house.settings.kafka, "GUIJI_REGISTRY": house.settings.registry}
    environment |= {"GUIJI_CATALOGUE": str(house.settings.catalogue)}
    for passing in passings:
        door = start(names, "tests.failures.door_process", receipt, env=environment | {"GUIJI_KILL_AT": f"door.chunk:{passing}"})
        assert door.wait(60) == -signal.SIGKILL
    assert start(names, "tests.failures.door_process", receipt, env=environment).wait(90) == 0
    with house.door() as door:
        again = door.submit(request(house))
        assert (again.receipt, again.repeated) == (receipt, True)
        assert door.settle(receipt, 30)
    sent = [(receipt, line) for line in range(1, ROWS + 1)]
    ledger.verdict(ledger.places("records", sent, [ledger.identity(each) for each in house.said()]), DOUBLED, seed, protected=protected)
    if protected:
        assert [chunk["rows"] for chunk in house.chunks(receipt)] == [50, 50, 50, 30]
