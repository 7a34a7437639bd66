"""Names by pinyin initials, as the standards and many departments name their fields and columns."""

import re


def initials(title: str) -> str:
    """The pinyin initials of a title, as the standards name fields: 行政许可决定书文号 → XZXKJDSWH; letters and digits stay, notes in brackets go."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take half a second: only whoever reads titles waits for them

    title = re.sub(r"[（(][^（()]*[)）]", "", title) or title
    found = "".join(re.sub(r"[^A-Za-z0-9]", "", each) for each in lazy_pinyin(title, style=Style.FIRST_LETTER)).upper()
    return found if found[:1].isalpha() else f"X{found}"
