"""What everybody may take away, and nothing beside it."""

import pytest

from portal.pages import documents
from tests.portal.desk import Desk

TRAVERSALS = ("../../README.md", "..%2F..%2FREADME.md", "..%5C..%5Cportal.db", "%2Fetc%2Fpasswd", "....//README.md", "submit.py%00.txt", "%E2%80%AE", "x" * 5_000)


def test_example_clients_are_given_as_text(desk: Desk) -> None:
    for name in documents.PROGRAMS:
        answer = desk.nobody().client.get(f"/api/clients/{name}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert answer.content == (documents.CLIENTS / name).read_bytes()


@pytest.mark.parametrize("name", TRAVERSALS)
@pytest.mark.parametrize("where", ["/api/clients/{}", "/api/assets/{}", "/static/{}", "/templates/{}.xlsx", "/api/items/{}/openapi.json"])
def test_no_name_leads_out_of_its_folder(desk: Desk, where: str, name: str) -> None:
    answer = desk.nobody().client.get(where.format(name))
    assert answer.status_code == 404
    assert len(answer.content) < 20_000
