"""The comments of a sheet: ours written in, those of an earlier return taken out, other people's left alone. Pure."""

import re
from collections.abc import Mapping, Sequence
from html import unescape

from producers.returned import markup
from producers.returned.notes import Block, sentence
from producers.returned.sheet_part import Unpatchable
from producers.tables.titles import letter

AUTHOR = "归集平台"
MOST = 1_000  # of a sheet; the column beside the rows tells the rest
COMMENT = re.compile(r'<comment\b[^>]*?\bref="([A-Z]+)(\d+)"[^>]*?\bauthorId="(\d+)"[^>]*?>.*?</comment>|<comment\b[^>]*?\bauthorId="(\d+)"[^>]*?\bref="([A-Z]+)(\d+)"[^>]*?>.*?</comment>', re.DOTALL)
AUTHORS = re.compile(r"<author>(.*?)</author>|<author/>", re.DOTALL)
SHAPE = re.compile(r"<v:shape\b(?:(?!</v:shape>).)*?<x:Row>(\d+)</x:Row>\s*<x:Column>(\d+)</x:Column>.*?</v:shape>", re.DOTALL)
EMPTY = f'{markup.HEAD}<comments xmlns="{markup.MAIN}"><authors></authors><commentList></commentList></comments>'
DRAWING = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
Cell = tuple[int, int]


def of(blocks: Sequence[Block]) -> dict[Cell, str]:
    """Row (from 1) and column (from 0) of each bad cell → what is wrong with it."""
    found: dict[Cell, list[str]] = {}
    for block in blocks:
        for row, _, reasons in block.bad():
            for reason in reasons:
                column = block.columns.get(str(reason.get("field")))
                if column is not None and (len(found) < MOST or (row, column) in found):
                    found.setdefault((row, column), []).append(sentence(reason))
    return {cell: "\n".join(told) for cell, told in found.items()}


def written(part: str, drawing: str, told: Mapping[Cell, str]) -> tuple[str, str]:
    """The comments' part and its drawing with ``told`` in them. Raises Unpatchable."""
    authors = [unescape(found[1] or "") for found in AUTHORS.finditer(part)]
    ours = {str(n) for n, author in enumerate(authors) if author == AUTHOR}
    kept, gone = set[Cell](), set[Cell]()
    for found in COMMENT.finditer(part):
        name, row, author = (found[1], found[2], found[3]) if found[1] else (found[5], found[6], found[4])
        (gone if author in ours else kept).add((int(row), _column(name)))
    part = COMMENT.sub(lambda found: "" if (found[3] or found[4]) in ours else found[0], part)
    drawing = SHAPE.sub(lambda found: "" if (int(found[1]) + 1, int(found[2])) in gone else found[0], drawing)
    if not ours:
        part = _before(part, "</authors>", f"<author>{AUTHOR}</author>")
    author = min(map(int, ours), default=len(authors))
    new = {cell: words for cell, words in told.items() if cell not in kept}
    part = _before(part, "</commentList>", "".join(_comment(cell, words, author) for cell, words in sorted(new.items())))
    return part, _before(drawing, "</xml>", "".join(_shape(cell, number) for number, cell in enumerate(sorted(new), 1)))


def _comment(cell: Cell, words: str, author: int) -> str:
    return f'<comment ref="{letter(cell[1])}{cell[0]}" authorId="{author}"><text><r><t xml:space="preserve">{markup.text(words)}</t></r></text></comment>'


def _shape(cell: Cell, number: int) -> str:
    row, column = cell[0] - 1, cell[1]
    anchor = f"{column + 1},15,{row},2,{column + 4},15,{row + 5},2"
    return (
        f'<v:shape id="_guiji_s{number}" type="#_x0000_t202" style="position:absolute;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        f'<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/><v:textbox style="mso-direction-alt:auto"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
    )


def _before(part: str, mark: str, new: str) -> str:
    place = part.rfind(mark)
    if place < 0:
        raise Unpatchable(mark)
    return part[:place] + new + part[place:]


def _column(name: str) -> int:
    column = 0
    for each in name:
        column = column * 26 + ord(each) - 64
    return column - 1
