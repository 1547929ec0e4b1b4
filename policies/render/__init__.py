"""An agreement as people read it, in Chinese and English: in words, and written as text, HTML or PDF."""

from __future__ import annotations

from policies.render.as_html import write_html
from policies.render.as_pdf import write_pdf
from policies.render.as_text import write_text
from policies.render.contract import render
from policies.render.layout import Contract, Reader, contract
from policies.render.model import Rendered, Section, Term

__all__ = [
    "Contract",
    "Reader",
    "Rendered",
    "Section",
    "Term",
    "contract",
    "render",
    "write_html",
    "write_pdf",
    "write_text",
]
