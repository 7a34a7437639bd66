"""Settings of a home of the test's own."""

import pytest

from infra.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(home=tmp_path, free_disk_mb=1)
