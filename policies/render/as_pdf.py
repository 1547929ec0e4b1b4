"""A contract as PDF; the time in the file is the day from which the agreement is in force."""

from __future__ import annotations

from datetime import UTC, datetime, time
from importlib.resources import files

import msgspec

from policies.agreement import Agreement
from policies.render.layout import Contract, Reader, contract
from policies.render.typesetting import set_pdf


def write_pdf(agreement: Agreement, reader: Reader) -> bytes:
    """Write an agreement as PDF/A-2 in Chinese, in English, or in both side by side."""
    source = files("policies.render").joinpath("contract.typ").read_bytes()
    start = datetime.combine(agreement.document.effective_from, time(), UTC)
    return set_pdf(source, {"contract": _data(agreement, contract(agreement, reader))}, start)


def _data(agreement: Agreement, laid_out: Contract) -> str:
    return msgspec.json.encode(
        {
            "languages": laid_out.languages,
            "titles": list(dict.fromkeys(one.title for one in laid_out.rendered)),
            "ref": agreement.ref,
            "digest": agreement.sha256,
            "rows": laid_out.rows,
        }
    ).decode()
