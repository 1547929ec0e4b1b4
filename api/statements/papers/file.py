"""A statement as a file: its pieces and its media type. Of those that take a core, one is made at a time."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator

from api.language import Language
from api.statements.papers.as_csv import write_csv
from api.statements.papers.as_json import write_json
from api.statements.papers.as_pdf import write_pdf
from api.statements.papers.as_xlsx import write_xlsx
from api.statements.papers.paper import Form, Paper

MEDIA_TYPES: dict[Form, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "json": "application/json",
}

_PIECE = 1 << 18
_MAKING = threading.Lock()


def paper_file(paper: Paper, form: Form, language: Language) -> Iterator[bytes]:
    """Return the pieces of a statement's file; what takes long is done before the first is asked for.

    Raises LinesUnavailable where the line file is missing.
    """
    paper.store.scan(paper.statement.root)
    match form:
        case "pdf":
            with _MAKING:
                return iter([write_pdf(paper, language)])
        case "xlsx":
            with _MAKING:
                return _workbook(paper, language)
        case "csv":
            return write_csv(paper)
        case "json":
            return write_json(paper)


def _workbook(paper: Paper, language: Language) -> Iterator[bytes]:
    """Return the pieces of a workbook, written to disk first: a package ends with the table of its parts."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed once its last piece is read)
    try:
        write_xlsx(paper, language, file)
        file.seek(0)
    except BaseException:
        file.close()
        raise

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_PIECE):
                yield piece

    return pieces()
