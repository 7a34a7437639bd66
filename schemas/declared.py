"""What is declared and how it is called: the kinds of declarations, and the ways and frequencies of annex 2 of 济信用办〔2017〕42号, each by its code."""

WAYS, ASSIGNMENT, STOCK = "ways", "assignment", "stock"  # kinds of declarations
NIL, QUANTITY, REJECT = "nil", "quantity", "reject"  # kinds of which an item has one statement for each thing that `about` names under OF: a period, a month, a rejected record
OF = "of"
WAY_TITLES = {"cdc": "前置机方式", "excel": "数据报送方式", "form": "数据录入方式", "api": "数据接口方式"}
FREQUENCY_TITLES = {"day": "一天一次", "week": "一周一次", "month": "一月一次", "quarter": "一季度一次"}  # the most frequent first
REJECT_STATES = {"open": "未处理", "fixed": "已修改", "ignored": "已忽略"}  # what a department says of an open reject; one that is answered is 已处理
FREQUENCY, OUTAGE = "frequency", "outage"  # kinds that the office declares: a frequency of its own for one item of one department, and when a way was down on our side
