#!/usr/bin/env python3
"""报送一个文件并等待结果。只用 Python 3 标准库。

    GUIJI_TOKEN=gj_… python3 submit.py http://平台地址 xzxk records.json

文件是 JSON 数组（或一个对象），扩展名为 .jsonl 时一行一条记录。退出码：0 全部收下，1 有记录被退回，2 没有报送成功。

Idempotency-Key 由目录、文件内容和文件的修改时间算出：断线、超时、重启之后对同一个文件再运行一次即可，只接收一次；重新导出的文件是一次新的报送。
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request

TRIES = 8
UNDECIDED = ("待处理", "处理中")


def ask(base, path, token, body=None, headers=None):
    """回答（JSON）。网络故障、429 和 5xx 稍候重试；其余错误抛出 HTTPError。"""
    for attempt in range(1, TRIES + 1):
        request = urllib.request.Request(base + path, data=body, headers={"Authorization": "Bearer " + token, **(headers or {})})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as fault:
            if attempt == TRIES or (fault.code != 429 and fault.code < 500):
                raise
            pause = int(fault.headers.get("Retry-After") or attempt)
        except OSError:
            if attempt == TRIES:
                raise
            pause = attempt
        time.sleep(pause)  # 平台忙或暂时连不上：照它说的时间再试


def submit(base, item, name, token):
    """报送文件，返回回执。"""
    with open(name, "rb") as file:
        body = file.read()
    media = "application/x-ndjson" if name.endswith(".jsonl") else "application/json"
    key = hashlib.sha256(("%s %d\n" % (item, os.stat(name).st_mtime)).encode() + body).hexdigest()
    return ask(base, "/api/v1/items/" + item + "/records", token, body, {"Content-Type": media, "Idempotency-Key": key})


def outcomes(base, receipt, token):
    """等到全部记录有了结果，逐页取回。返回 (状态, 各种结果的记录数, 记录)。"""
    first = "/api/v1/receipts/" + receipt
    answer = ask(base, first, token)
    while answer["status"] in UNDECIDED:
        time.sleep(2)  # 还没有全部处理完，两秒后再问
        answer = ask(base, first, token)
    status, counts, records = answer["status"], answer["counts"], answer["records"]
    while answer["next"]:
        answer = ask(base, answer["next"], token)
        records += answer["records"]
    return status, counts, records


def main(base, item, name):
    token = os.environ["GUIJI_TOKEN"]
    try:
        receipt = submit(base, item, name, token)["receipt"]
        print("回执号", receipt)
        status, counts, records = outcomes(base, receipt, token)
    except urllib.error.HTTPError as fault:
        print(fault.read().decode("utf-8", "replace"), file=sys.stderr)
        return 2
    except OSError as fault:
        print("连接不上：", fault, file=sys.stderr)
        return 2
    print(status, "，".join("%s %d" % each for each in counts.items()))
    for record in records:
        for reason in record["reasons"]:
            print("第 %d 条（ref %s）%s：%s%s" % (record["index"] + 1, record["ref"], reason["title"] or "", reason["message"], reason["remedy"]))
    return 1 if counts["rejected"] else 0


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
