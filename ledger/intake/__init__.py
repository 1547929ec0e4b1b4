"""Orders in: files of order states, read by a declared mapping, become entries of the log.

mapping.py is the language, mappings/ the ones that are shipped, readers.py opens a file (by csvfile.py,
ndjson.py, xlsx.py over workbook.py, or frames.py for Parquet and Arrow), binding.py fits a mapping to one
file, cells.py types a cell, events.py turns a row into entries, importing.py appends them, report.py says
what became of them, rejects.py writes the rows not taken in the form of mended.py, together.py looks at what
the log holds beside them. terms.py is all that intake knows of an agreement.
"""

from ledger.intake.errors import (
    FileUnreadable,
    HeaderRefused,
    IntakeError,
    MappingRejected,
    MappingUnknown,
    RejectsUnwritable,
    RowFinding,
    TermsUnfit,
)
from ledger.intake.importing import BATCH_ENTRIES, import_file
from ledger.intake.mapping import Mapping, load_mapping, read_mapping, shipped_mappings
from ledger.intake.report import EventCounts, ImportReport, RowConflict
from ledger.intake.terms import Funding, IntakeTerms, VersionTerms

__all__ = [
    "BATCH_ENTRIES",
    "EventCounts",
    "FileUnreadable",
    "Funding",
    "HeaderRefused",
    "ImportReport",
    "IntakeError",
    "IntakeTerms",
    "Mapping",
    "MappingRejected",
    "MappingUnknown",
    "RejectsUnwritable",
    "RowConflict",
    "RowFinding",
    "TermsUnfit",
    "VersionTerms",
    "import_file",
    "load_mapping",
    "read_mapping",
    "shipped_mappings",
]
