#!/bin/sh
# 报送一个文件并等待结果。只用 curl 和系统自带的命令。
#
#     GUIJI_TOKEN=gj_… sh submit.sh http://平台地址 xzxk records.json
#
# 文件是 JSON 数组（或一个对象），扩展名为 .jsonl 时一行一条记录。退出码：0 全部收下，1 有记录被退回，2 没有报送成功。
# Idempotency-Key 由目录、文件内容和文件的修改时间算出：断线、超时、重启之后对同一个文件再运行一次即可，只接收一次；重新导出的文件是一次新的报送。
set -eu
if [ $# -ne 3 ]; then sed -n '2,8p' "$0" >&2; exit 2; fi
base=$1 item=$2 file=$3
case $file in *.jsonl) media=application/x-ndjson ;; *) media=application/json ;; esac
changed=$(stat -c %Y "$file" 2>/dev/null || stat -f %m "$file")
key=$item-$changed-$(cksum < "$file" | tr ' ' '-')

# 令牌从标准输入交给 curl，不出现在进程列表里。网络故障、429 和 5xx 由 curl 自己重试。
ask() {
    printf 'header = "Authorization: Bearer %s"\n' "$GUIJI_TOKEN" |
        curl --silent --show-error --config - --max-time 60 --retry 8 --retry-connrefused --fail-with-body "$@"
}
said() { printf '%s' "$answer" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }

answer=$(ask --header "Content-Type: $media" --header "Idempotency-Key: $key" --data-binary "@$file" "$base/api/v1/items/$item/records") ||
    { printf '%s\n' "$answer" >&2; exit 2; }
receipt=$(said receipt)
echo "回执号 $receipt"

address=/api/v1/receipts/$receipt
while :; do
    answer=$(ask "$base$address") || { printf '%s\n' "$answer" >&2; exit 2; }
    status=$(printf '%s' "$answer" | sed 's/"records":.*//' | sed -n 's/.*"status":"\([^"]*\)".*/\1/p')
    case $status in 待处理 | 处理中) sleep 2 ;; *) break ;; esac
done
rejected=$(printf '%s' "$answer" | sed -n 's/.*"counts":{[^}]*"rejected":\([0-9]*\).*/\1/p')
while :; do
    printf '%s\n' "$answer"
    address=$(said next)
    [ -n "$address" ] || break
    answer=$(ask "$base$address") || { printf '%s\n' "$answer" >&2; exit 2; }
done
[ "$rejected" -eq 0 ] || exit 1
