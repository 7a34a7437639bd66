"""The judge and its peers, one after the other over copies of the same records: at-least-once, nothing but passing through, the plain loop, Faust, Quix Streams."""

from bench import capturing, lanes, peers
from bench.ground import Ground
from bench.lanes import Lane
from bench.measure import watch

OUTPUTS = 2  # the judge writes an acceptance and a state for a record
LOOP = 5_000  # records are enough for the plain loop


def measure(ground: Ground) -> None:
    """Per run every one of them, so that what disturbs the machine disturbs all."""
    records = capturing.records(ground)
    frameworks = _frameworks(ground)
    for run in range(1, ground.profile.runs + 1):
        lane = _filled(ground, f"judge{run}", records)
        ground.teller.doing(f"judge {run}")
        ours = ground.note("judge", watch(lane.stage("judge"), ground.beside()))
        _beside(ground, run, ours.rate, lane, records)
        for name, (python, figure) in frameworks.items():
            ground.teller.doing(f"judge in {name}, {run}")
            peer = peers.framework(ground, python, name, lane, run)
            ground.book.figure(figure, ours.rate / ground.note(name, peer).rate)
        ground.teller.step()


def _beside(ground: Ground, run: int, rate: float, lane: Lane, records: list[lanes.Row]) -> None:
    other = _filled(ground, f"least{run}", records)
    ground.teller.doing(f"judge at-least-once {run}")
    least = ground.note("judge_at_least_once", watch(other.stage("judge_at_least_once"), ground.beside()))
    ground.book.figure("exactly_once_over_at_least_once_ratio", rate / least.rate)
    ground.teller.doing(f"pass-through and plain loop {run}")
    passed = ground.note("pass_through", peers.pass_through(ground, lane.submitted, OUTPUTS))
    ground.book.figure("judge_over_pass_through_ratio", rate / passed.rate)
    loop = ground.note("record_loop", peers.record_loop(lane.item, records[:LOOP]))
    ground.book.figure("judge_over_record_loop_ratio", rate / loop.rate)


def _filled(ground: Ground, name: str, records: list[lanes.Row]) -> Lane:
    lane = ground.lane(name)
    lanes.submit(lane, lanes.varied(lane, records, ground.profile.many))
    return lane


def _frameworks(ground: Ground) -> dict[str, tuple[str, str]]:
    """Name → its Python, its figure."""
    found = {"faust": (peers.PYTHON, "judge_over_faust_ratio")}
    if not ground.profile.whole:
        ground.book.leave("needs an environment of its own, which is made in the full profile only", "judge_over_quix_ratio")
        return found
    ground.teller.doing("an environment for Quix Streams, made once")
    return found | {"quix": (str(peers.quix_environment(ground.settings.cache / "bench-quix")), "judge_over_quix_ratio")}
