"""SOAP messages as a toolkit writes them."""

from xml.sax.saxutils import escape


def message(operation: str, arguments: str = "", records: str | None = None) -> str:
    """A request; `arguments` are elements without prefix, `records` elements with the prefix g."""
    inside = arguments.replace("</", "\0").replace("<", "<g:").replace("\0", "</g:") + ("" if records is None else f"<g:records>{records}</g:records>")
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:g="urn:guiji:v1">'
        f"<soap:Body><g:{operation}>{inside}</g:{operation}></soap:Body></soap:Envelope>"
    )


def record(ref: str, operation: str | None = None, **fields: str) -> str:
    said = f"<g:operation>{operation}</g:operation>" if operation else ""
    return f"<g:record><g:ref>{ref}</g:ref>{said}" + "".join(f'<g:field name="{name}">{escape(value)}</g:field>' for name, value in fields.items()) + "</g:record>"
