"""Every page can be found from the index, and every relative link leads somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "README.zh.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
WRITTEN_BY_RUNS = DOCS / "evidence"


def _links(page: Path) -> Iterator[str]:
    """Yield the link targets of a page, outside its code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text))


def _relative(page: Path) -> Iterator[tuple[str, Path, str]]:
    for link in _links(page):
        if "://" not in link:
            path, _, heading = link.partition("#")
            yield link, (page.parent / path).resolve() if path else page, heading


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    assert [link for link, target, _ in _relative(page) if not target.exists()] == []
    headed = [(link, target, heading) for link, target, heading in _relative(page) if heading]
    assert [link for link, target, heading in headed if heading not in _anchors(target)] == []


def test_every_page_is_linked_from_the_index() -> None:
    linked = {target for _, target, _ in _relative(DOCS / "index.md")}
    pages = {page for page in DOCS.rglob("*.md") if WRITTEN_BY_RUNS not in page.parents}
    assert sorted(str(page.relative_to(DOCS)) for page in pages - linked - {DOCS / "index.md"}) == []


def test_the_readme_in_english_and_chinese_have_the_same_parts() -> None:
    english, chinese = (
        re.findall(r"^#+ ", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        for name in ("README.md", "README.zh.md")
    )
    assert english == chinese
