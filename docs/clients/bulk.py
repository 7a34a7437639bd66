#!/usr/bin/env python3
"""把一个文件写到本系统自己的 Kafka 主题（大批量方式）。需要 confluent-kafka 和 fastavro。

    GUIJI_BULK_USER=zjj.oa GUIJI_BULK_PASSWORD=… python3 bulk.py 地址:端口 in.zjj.oa.xzxk 模式编号 xzxk.avsc records.jsonl

文件一行一条记录：{"ref": "本系统的编号", "operation": "upsert", "fields": {"XK_WSH": "…"}}，除 fields 外都可不写。
主题、模式编号和 xzxk.avsc 由平台开通时给出。GUIJI_BULK_PROTOCOL 默认 SASL_SSL。退出码：0 全部写入，1 有记录没有写入。

写入即不会丢；每条记录的结果在平台上按来源查询。断线后整个文件重写一次即可：内容相同的记录记为重复，不会入库两次。
"""

import io
import json
import os
import sys

import fastavro
from confluent_kafka import KafkaException, Producer


def encoded(schema, number, record):
    """一条记录的字节：0、四个字节的模式编号、Avro 正文。"""
    to = io.BytesIO(b"\0" + number.to_bytes(4, "big"))
    to.seek(0, io.SEEK_END)
    said = {**record["fields"], "_ref": record.get("ref"), "_operation": record.get("operation")}
    fastavro.schemaless_writer(to, schema, said, strict_allow_default=True)
    return to.getvalue()


def main(broker, topic, number, schema, name):
    schema = fastavro.schema.load_schema(schema)
    producer = Producer({
        "bootstrap.servers": broker,
        "security.protocol": os.environ.get("GUIJI_BULK_PROTOCOL", "SASL_SSL"),
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": os.environ["GUIJI_BULK_USER"],
        "sasl.password": os.environ["GUIJI_BULK_PASSWORD"],
        "enable.idempotence": True,
        "compression.type": "lz4",
        "message.timeout.ms": 60_000,
    })  # fmt: skip
    written, faults = 0, []

    def told(fault, _message):
        nonlocal written
        if fault:
            faults.append(fault.str())
        else:
            written += 1

    with open(name, encoding="utf-8") as lines:
        for line in filter(str.strip, lines):
            while True:
                try:
                    producer.produce(topic, encoded(schema, int(number), json.loads(line)), on_delivery=told)
                    break
                except BufferError:
                    producer.poll(1)
                except KafkaException as fault:
                    faults.append(str(fault))
                    break
            producer.poll(0)
    producer.flush()
    print("写入 %d 条" % written)
    for fault in sorted(set(faults)):
        print("没有写入：%s（%d 条）" % (fault, faults.count(fault)), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
