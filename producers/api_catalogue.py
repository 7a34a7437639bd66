"""The catalogue over HTTP: its version, the items with their JSON Schema, the code sets. What a client keeps of it is good as long as the version (of a code set: `content`) stays."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.security import HTTPAuthorizationCredentials

from producers import api_schema
from producers.api_models import ERRORS, CatalogueBody, CodeBody, CodesBody, CodeSetBody, ItemBody
from producers.interface import BEARER, Interface
from producers.refusal import Refusal
from schemas import codes
from schemas.catalog import Item

Credentials = Annotated[HTTPAuthorizationCredentials | None, BEARER]


def add(router: APIRouter, interface: Interface) -> None:
    """Its routes, to a router at `api_schema.PREFIX`."""

    @router.get("/catalogue", summary="目录", response_model=CatalogueBody)
    def catalogue(who: Credentials) -> CatalogueBody:
        """目录的版本、本令牌可以报送的信息项和其中用到的代码表。"""
        items = interface.items(interface.caller(who))
        return CatalogueBody(version=interface.catalog.version, items=[_item(item) for item in items], codes=[_told(*used) for used in _used(items).items()])

    @router.get("/items", summary="可报送的目录", response_model=list[ItemBody])
    def items(who: Credentials) -> list[ItemBody]:
        """本令牌可以报送的目录。"""
        return [_item(item) for item in interface.items(interface.caller(who))]

    @router.get("/items/{item}/schema", summary="目录的字段", responses={404: ERRORS[404]})
    def schema(item: Annotated[str, InPath(description="目录代码", examples=["xzxk"])], who: Credentials) -> dict[str, Any]:
        """一条记录的 JSON Schema，字段名为代码；`x-codes` 是所用的代码表。"""
        interface.caller(who)
        return api_schema.of(interface.item(item))

    @router.get("/codes/{name}", summary="代码表", response_model=CodeSetBody, responses={404: ERRORS[404]})
    def code_set(name: Annotated[str, InPath(description="代码表的名称", examples=["xb"])], who: Credentials) -> CodeSetBody:
        """代码表的全部代码，停用的也在其中；同一代码在不同时期各占一行。"""
        folder = _used(interface.items(interface.caller(who))).get(name)
        if folder is None:
            raise Refusal("not_found", f"没有代码表“{name[:40]}”。", "可用 GET /api/v1/catalogue 查询。")
        entries = [CodeBody.model_validate({"code": each.code, "title": each.title, "from": each.since, "to": each.until, "now": each.now}) for each in codes.entries(name, folder)]
        return CodeSetBody(**_told(name, folder).model_dump(), entries=entries)


def _used(items: Iterable[Item]) -> dict[str, Path]:
    """The code sets of these items by name, each with the folder that holds it."""
    return dict(sorted((field.codes, field.codes_in) for item in items for field in item.fields if field.codes))


def _item(item: Item) -> ItemBody:
    return ItemBody(item=item.code, title=item.title, schema=f"{api_schema.PREFIX}/items/{item.code}/schema")


def _told(name: str, folder: Path) -> CodesBody:
    about = codes.about(name, folder)
    return CodesBody(codes=name, title=about.title, standard=about.standard, version=about.version, content=about.content, address=f"{api_schema.PREFIX}/codes/{name}")
