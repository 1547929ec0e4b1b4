"""An agreement as people read it, in Chinese and English: its parts in words, and how they are laid out."""

from __future__ import annotations

from policies.render.terms import Rendered, Section, Term, render, write_text

__all__ = ["Rendered", "Section", "Term", "render", "write_text"]
