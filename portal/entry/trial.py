"""A sheet judged where it stands: what is wrong with it, and 试报, what would become of it. Nothing is stored."""

from loaders.entered import Entered
from loaders.errors import WarehouseError
from portal.entry import judging, sheets
from portal.entry.judging import Judged, Question, Said
from portal.entry.sheets import Sheet
from portal.frame.visit import Visit
from schemas.catalog import Item


def judged(visit: Visit, sheet: Sheet, item: Item, said: Said) -> Judged:
    """What is wrong with `said` on this sheet today."""
    secret = visit.site.settings.key_secret
    key = judging.key(item, sheet.department, said, secret)
    before = sheets.entered(visit.db, sheet, key) if key else None
    return judging.judged(item, said, Question(sheet.department, sheet.operation, sheet.fixed, before.receipt if before else "", secret, visit.site.today))


def foreseen(visit: Visit, sheet: Sheet, item: Item, made: Judged) -> tuple[str, str]:
    """What would become of it, in a word and a sentence; without the warehouse only whether it could be sent."""
    source = sheets.source(sheet.department)
    try:
        standing = Entered(visit.site.warehouse, sheet.department, source).standing(item, [made.key] if made.key else [])
    except WarehouseError:
        if not made.count and not made.excluded:
            return "可以报送", "填写的内容没有问题；现在查不到平台上已有的记录，不能说是新增还是修改。"
        standing = {}
    return judging.foreseen(item, made, standing.get(made.key or ""))
