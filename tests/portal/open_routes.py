"""The routes that are no page of somebody's: nothing in them is anybody's (`anyone`), or they want a proof of their own (`token`, `machine`)."""

PUBLISHED: dict[tuple[str, str], set[object] | str] = {
    ("POST", "/api/v1/query/organisations"): "token", ("POST", "/api/v1/query/persons"): "token",
    ("GET", "/healthz"): "anyone", ("GET", "/readyz"): "anyone", ("GET", "/static/{name}"): "anyone", ("GET", "/templates/{item}.xlsx"): "anyone",
    ("GET", "/api/docs"): "anyone", ("GET", "/api/openapi.json"): "anyone", ("GET", "/api/items/{item}/openapi.json"): "anyone", ("GET", "/api/assets/{name}"): "anyone",
    ("POST", "/api/v1/items/{item}/records"): "token", ("GET", "/api/v1/receipts/{receipt}"): "token", ("GET", "/api/v1/items"): "token",
    ("PUT", "/api/v1/items/{item}/nil"): "token", ("POST", "/api/v1/items/{item}/trial"): "token",
    ("POST", "/soap/v1"): "token", ("POST", "/internal/query"): "machine", ("GET", "/metrics"): "machine",
    ("GET", "/soap/v1"): "anyone", ("GET", "/api/clients/{name}"): "anyone",
    **{("GET", f"/api/v1/{path}"): "token" for path in ("catalogue", "codes/{name}", "items/{item}/schema", "items/{item}/standing", "items/{item}/nil")},
}  # fmt: skip
