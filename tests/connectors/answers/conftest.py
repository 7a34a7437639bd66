"""The provided databases of the tests next door."""

from tests.connectors.front.conftest import servers, site  # noqa: F401 -- fixtures
