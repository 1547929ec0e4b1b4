"""Writes the golden contracts again: `python -m tests.golden.contract.write`, then look at what changed.

One frozen agreement in each form. Of a PDF the text is kept, page by page; that its bytes repeat is a test's.
"""

from __future__ import annotations

import io
from pathlib import Path

from pypdf import PdfReader

from policies.agreement import Agreement
from policies.loading import load_agreement
from policies.render import contract, write_html, write_pdf, write_text

HERE = Path(__file__).parent
FROZEN = HERE.parent / "agreement-v1.yaml"


def written(agreement: Agreement) -> dict[str, str]:
    """Return each golden file by its name."""
    return {
        "zh.txt": write_text(contract(agreement, "zh")),
        "en.txt": write_text(contract(agreement, "en")),
        "both.html": write_html(contract(agreement, "both")),
        "both.pdf.txt": pdf_text(write_pdf(agreement, "both")),
    }


def pdf_text(data: bytes) -> str:
    """Return the text of a PDF, its pages parted by a line that counts them."""
    pages = PdfReader(io.BytesIO(data)).pages
    return "\n".join(
        f"--- page {number} of {len(pages)}\n{page.extract_text()}" for number, page in enumerate(pages, 1)
    )


if __name__ == "__main__":
    for name, text in written(load_agreement(FROZEN.read_text(encoding="utf-8"), name=FROZEN.name)).items():
        (HERE / name).write_text(text, encoding="utf-8")
