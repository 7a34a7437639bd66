"""What may come with an application, told by its content, and how it is kept."""

from pathlib import Path

import pytest

from portal.public import attachments

PDF, JPG, PNG = b"%PDF-1.4 x", b"\xff\xd8\xff\xe0 x", b"\x89PNG\r\n\x1a\n x"


@pytest.mark.parametrize(("content", "kind"), [(PDF, "pdf"), (JPG, "jpg"), (PNG, "png"), (b"<html>", ""), (b"MZ", ""), (b" %PDF-", ""), (b"", "")])
def test_the_kind_is_told_by_the_content(content: bytes, kind: str) -> None:
    assert attachments.kind(content) == kind


def test_everything_that_is_wrong_is_told_at_once() -> None:
    big = PDF + b"x" * attachments.BOUND.bytes_each
    found = attachments.faults([("a.pdf", big), ("页面.pdf", b"<html>"), *[("b.png", PNG)] * 4])
    assert found == ["附件最多 5 份。", "“a.pdf”超过 4 MB。", "“页面.pdf”不是 PDF、JPG 或 PNG 文件。"]
    assert attachments.faults([]) == ["请至少附一份证明材料。"]
    assert attachments.faults([("a.pdf", PDF)]) == []


@pytest.mark.parametrize(("said", "kept"), [("../../etc/passwd", "passwd"), ("C:\\x\\执照.pdf", "执照.pdf"), ("a\r\nb\0.png", "ab.png"), ("/", "附件"), ("x" * 300, "x" * 120)])
def test_a_name_is_a_name_and_no_path(said: str, kept: str) -> None:
    assert attachments.named(said) == kept


def test_files_are_kept_for_their_owner_only(tmp_path: Path) -> None:
    with attachments.kept(tmp_path, [("a.pdf", PDF), ("b.pdf", PDF + b"b")]) as (first, second):
        path = tmp_path / "attachments" / first
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (attachments.read(tmp_path, first), attachments.read(tmp_path, second)) == (PDF, PDF + b"b")


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_files_of_what_came_to_nothing_are_removed(tmp_path: Path, fault: type[BaseException]) -> None:
    with pytest.raises(fault), attachments.kept(tmp_path, [("a.pdf", PDF)]) as (stored,):
        raise fault
    assert attachments.read(tmp_path, stored) is None
    assert list((tmp_path / "attachments").iterdir()) == []
