"""The portal's pages, as far as they go today: what runs, what each source delivered, and where to go on. Nothing is loaded from outside."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment

HOME = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string("""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10"><title>归集 · 公共信用信息归集</title><link rel="icon" href="data:,">
<style>
body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1b1f24;background:#fff}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #d5d9df;padding:.35rem .6rem;text-align:left}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}.wide td,.wide th,.good,.bad{white-space:nowrap}.good{color:#1a6b35}.bad{color:#a3210f}td code{overflow-wrap:anywhere}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}p.quiet{color:#5a6370}
</style></head><body>
<h1>公共信用信息归集</h1>
<h2>运行情况</h2>
<table><tr><th>部分</th><th>状态</th><th>说明</th></tr>
{% for part in parts %}<tr><td>{{ part.title }}</td><td class="{{ 'good' if part.well else 'bad' }}">{{ '正常' if part.well else '异常' }}</td>
<td>{{ part.reason }}</td></tr>
{% endfor %}</table>
{% if waiting %}<h2>等待处理的前置机数据表</h2>
<table><tr><th>部门</th><th>数据表</th><th>情况与处理办法</th></tr>
{% for row in waiting %}<tr><td>{{ row.department }}</td><td><code>{{ row.table }}</code></td><td>{{ row.message }}</td></tr>
{% endfor %}</table>
{% endif %}<h2>各信源归集量</h2>
{% if sources %}<table><tr><th>信源</th><th>部门</th><th>方式</th><th>目录</th><th class="n">收到</th><th class="n">入库</th><th class="n">重复</th><th class="n">已有更新</th><th class="n">退回</th><th class="n">不在范围</th><th class="n">已装载</th></tr>
{% for row in sources %}<tr><td>{{ row.source }}</td><td>{{ row.department }}</td><td>{{ row.way }}</td><td>{{ row.item }}</td>
{% for name in ['received', 'accepted', 'duplicate', 'superseded', 'rejected', 'excluded'] %}<td class="n">{{ row[name] }}</td>{% endfor %}
<td class="n">{{ row.loaded }}</td></tr>
{% endfor %}</table>{% else %}<p class="quiet">还没有处理过的记录。</p>{% endif %}
<h2>入口</h2>
<ul>
<li>数据接口说明：<a href="/api/docs">/api/docs</a>（<a href="/api/openapi.json">OpenAPI</a>）</li>
<li>健康检查：<a href="/healthz">/healthz</a>　<a href="/readyz">/readyz</a></li>
</ul>
<h2>目录</h2>
{% if items %}<div class="wide"><table><tr><th>代码</th><th>信息项</th><th>类别</th><th>模板</th><th>接口说明</th></tr>
{% for item in items %}<tr><td><code>{{ item.code }}</code></td><td>{{ item.title }}</td><td>{{ item.category }}</td><td><a href="/templates/{{ item.code }}.xlsx">Excel</a></td>
<td><a href="/api/docs?item={{ item.code }}">查看</a>　<a href="/api/items/{{ item.code }}/openapi.json">OpenAPI</a></td></tr>
{% endfor %}</table></div>{% else %}<p class="quiet">目录中还没有信息项。</p>{% endif %}
<p class="quiet">本页每 10 秒刷新。</p>
</body></html>
""")  # noqa: E501

DOCS = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>归集数据接口</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/api/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div><script src="/api/assets/swagger-ui-bundle.js"></script>
<script src="/api/assets/start.js"></script></body></html>
"""
PLAIN_DOCS = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>归集数据接口</title><link rel="icon" href="data:,"></head>
<body><h1>归集数据接口</h1><p>接口说明（OpenAPI 3.1）：<a href="/api/openapi.json">/api/openapi.json</a>。</p></body></html>
"""
ASSETS = {"swagger-ui.css", "swagger-ui-bundle.js"}
# The description of one item is asked for by the page's own address: /api/docs?item=xzxk.
START = """const item = new URLSearchParams(location.search).get("item");
const url = item ? `/api/items/${encodeURIComponent(item)}/openapi.json` : "/api/openapi.json";
SwaggerUIBundle({url, dom_id: "#swagger-ui", validatorUrl: null});
"""


def home(parts: Sequence[Mapping[str, Any]], waiting: Sequence[Mapping[str, str]], sources: Sequence[Mapping[str, Any]], items: Sequence[Any]) -> str:
    """The front page. `parts`: title, well, reason; `waiting`: tables that map holds: department, table, message; `sources`: source, department, way, item, received, the five outcomes, loaded;
    `items`: code, title, category."""
    return HOME.render(parts=parts, waiting=waiting, sources=sources, items=items)
