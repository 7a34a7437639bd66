"""The catalogue of most pipelines under test."""

import shutil
from pathlib import Path

from schemas.catalog import DIRECTORY


def few_items(folder: Path) -> Path:
    """双公示 alone: the whole catalogue takes longer to start than most tests to run, and the demo's test starts that."""
    folder.mkdir()
    for code in ("xzxk", "xzcf"):
        shutil.copy(DIRECTORY / f"{code}.avsc", folder)
    return folder
