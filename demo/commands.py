"""`guiji demo`: the main job on sample departments, or a year of all of them."""

from pathlib import Path
from typing import Annotated

import typer

from demo import story, year, year_story
from infra.settings import get

YEAR = 5_000_000


def demo(
    profile: Annotated[str, typer.Option(help="jobs: the main job on six sample departments; year: a year of all departments")] = "jobs",
    records: Annotated[int, typer.Option(min=1_000, help="of the year, about")] = YEAR,
    json_path: Annotated[Path | None, typer.Option("--json", help="write the summary of the main job here")] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="stop at the end")] = False,
) -> None:
    """The main job on sample departments; prints what came out and where to look. Or, in a home of its own, a year of all 39 departments: half an hour and 15 GB."""
    if profile == "year":
        year_story.run(get(), year.Plan(records), once=once)
    elif profile == "jobs":
        story.run(get(), story.Options(once=once, json_path=json_path))
    else:
        raise typer.BadParameter(f"there is no profile {profile!r}; there are jobs and year")
