"""An answer between two processes of ours: Arrow's stream format, so that types and absent values survive."""

import io

import pyarrow as pa

from loaders.answer import Answer

ARROW = "application/vnd.apache.arrow.stream"


def pack(answer: Answer) -> bytes:
    table = answer.arrow() if answer.names else pa.table({})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def unpack(body: bytes) -> Answer:
    with pa.ipc.open_stream(body) as reader:
        table = reader.read_all()
    return Answer(tuple(table.column_names), tuple(tuple(column.to_pylist()) for column in table.columns))
