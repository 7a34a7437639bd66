"""Where a task stands that cannot convert a value, out of what it says."""

from connectors import gap
from connectors.fault import Fault

POSTGRES = """org.apache.kafka.connect.errors.ConnectException: An exception occurred in the change event producer. This connector will be stopped.
\tat io.debezium.pipeline.ErrorHandler.setProducerThrowable(ErrorHandler.java:67)
Caused by: org.apache.kafka.connect.errors.ConnectException: Error while processing event at offset {transaction_id=null, lsn_proc=28687032, messageType=INSERT, lsn_commit=28686656, lsn=28687088, \
txId=775, ts_usec=1795480710419000}
Caused by: io.debezium.DebeziumException: Failed to properly convert data value for 'public.permit.day' of type date
Caused by: java.time.DateTimeException: Invalid value"""
MARIADB = "Caused by: x: Error while processing event at offset {ts_sec=1795480710, file=bin.000001, pos=4585, gtids=0-1-14,1-1-7, row=1, server_id=1, event=2, snapshot=false}\nCaused by: y"


def test_the_place_is_what_debezium_would_have_stored_with_the_event():
    assert gap.place(POSTGRES) == {"lsn_proc": 28687032, "messageType": "INSERT", "lsn_commit": 28686656, "lsn": 28687088, "txId": 775, "ts_usec": 1795480710419000}
    assert gap.place(MARIADB) == {
        "ts_sec": 1795480710, "file": "bin.000001", "pos": 4585, "gtids": "0-1-14,1-1-7", "row": 1, "server_id": 1, "event": 2, "snapshot": False,
    }  # fmt: skip
    assert gap.place("Caused by: org.postgresql.util.PSQLException: Connection refused") is None


def test_the_value_is_named():
    assert gap.column(POSTGRES) == "public.permit.day date"
    assert gap.column(MARIADB) == "?"


def test_a_source_that_stands_at_such_a_value_is_told_the_way_past():
    assert "guiji connectors skip" in Fault("zjj_pg", "java.time.DateTimeException: Invalid value", POSTGRES).remedy
    assert "guiji connectors skip" not in Fault("zjj_pg", "Connection refused", "").remedy
