"""A released batch as the file that a bank or provider takes. The same batch gives the same bytes.

Account numbers and names come from the log's group of their own and go into the file alone: no message here
holds one. No cell begins as a spreadsheet's formula does, which is held to when an account is recorded.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ledger.database import Session, reading
from ledger.leaves import instant_of
from ledger.log import Log
from ledger.payouts.accounts import PayeeAccount, accounts_within
from ledger.payouts.errors import PaymentFileRefused
from ledger.payouts.mapping import Column, PaymentMapping, Value
from ledger.payouts.reading import RELEASED_KIND, Batch, Payment, batch_within
from ledger.reading import read_entry
from policies.money import from_minor


@dataclass(frozen=True, slots=True)
class PaymentFile:
    """A file of payments: its bytes, how many payments it holds, and how many of the batch it cannot hold."""

    data: bytes
    payments: int
    left_out: int

    @property
    def sha256(self) -> str:
        """The digest of its bytes, hex."""
        return hashlib.sha256(self.data).hexdigest()


def payment_file(log: Log, batch: str, mapping: PaymentMapping) -> PaymentFile:
    """Return the file of a released batch: those of its payments whose accounts the mapping pays to.

    Raises PaymentFileRefused for a batch that is not released, has none of these payments or too many, is in
    another currency, or names an account whose details were erased; and for a letter the encoding lacks.
    """
    with reading(log.engine) as session:
        found = batch_within(session, batch)
        if found.state != "released":
            raise PaymentFileRefused(
                f"it is {found.state}; a batch has a file once it is released", where=batch
            )
        if found.currency != mapping.currency:
            raise PaymentFileRefused(
                f"it is in {found.currency}, and the mapping pays {mapping.currency}", where=batch
            )
        accounts = {one.number: _account(session, found, one) for one in found.payments}
        payer = accounts_within(session, found.payer, found.payer, found.as_of_seq)
        released = read_entry(session, found.payments[0].seqs[RELEASED_KIND])
    mine = [one for one in found.payments if accounts[one.number].means in mapping.means]
    if not mine:
        raise PaymentFileRefused(f"none of its payments goes to {' or '.join(mapping.means)}", where=batch)
    if len(mine) > mapping.rows_max:
        raise PaymentFileRefused(f"{len(mine)} payments, and the file takes {mapping.rows_max}", where=batch)
    day = instant_of(released.occurred_us).astimezone(ZoneInfo(mapping.time_zone)).strftime("%Y%m%d")
    filling = _Filling(found, mapping, mine, accounts, payer[-1] if payer else None, day)
    return PaymentFile(filling.encoded(), len(mine), len(found.payments) - len(mine))


def means_of(log: Log, batch: Batch) -> frozenset[str]:
    """Return with what the accounts of a batch are kept, which says by which mappings it can be paid."""
    with reading(log.engine) as session:
        return frozenset(_account(session, batch, one).means for one in batch.payments)


def _account(session: Session, batch: Batch, payment: Payment) -> PayeeAccount:
    known = accounts_within(session, payment.payee, batch.payer)
    return next(one for one in known if one.seq == payment.account_seq)


@dataclass(frozen=True, slots=True)
class _Filling:
    """What the cells of a file are filled with."""

    batch: Batch
    mapping: PaymentMapping
    payments: Sequence[Payment]
    accounts: dict[int, PayeeAccount]
    payer: PayeeAccount | None
    day: str

    def encoded(self) -> bytes:
        """Return the file's bytes: CSV with CR LF."""
        rows: list[tuple[str, list[str]]] = []
        if self.mapping.lead:
            rows += [("heading", [one.header for one in self.mapping.lead])]
            rows += [("the batch", [self._cell(one, None) for one in self.mapping.lead])]
        rows.append(("heading", [one.header for one in self.mapping.columns]))
        for payment in self.payments:
            cells = [self._cell(one, payment) for one in self.mapping.columns]
            rows.append((f"payment {payment.number}", cells))
        mark = b"\xef\xbb\xbf" if self.mapping.encoding == "utf-8-sig" else b""
        encoding = self.mapping.encoding.removesuffix("-sig")
        return mark + b"".join(self._line(name, cells, encoding) for name, cells in rows)

    def _line(self, name: str, cells: Sequence[str], encoding: str) -> bytes:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\r\n").writerow(cells)
        try:
            return buffer.getvalue().encode(encoding)
        except UnicodeEncodeError:  # whose message would show the text
            raise PaymentFileRefused(
                f"{name} has a letter that {encoding} lacks; pay it by another file", where=self.batch.id
            ) from None

    def _cell(self, column: Column, payment: Payment | None) -> str:
        if column.value is None:
            return column.fixed or ""
        return self._of_batch(column.value) if payment is None else self._of_payment(column.value, payment)

    def _of_payment(self, value: Value, payment: Payment) -> str:
        details = self.accounts[payment.number].details
        if details is None:
            raise PaymentFileRefused(
                f"the details of the account of payment {payment.number} were erased", where=self.batch.id
            )
        match value:
            case "reference":
                return payment.reference
            case "number":
                return str(payment.number)
            case "amount":
                return from_minor(payment.amount_minor, self.batch.currency)
            case "holder":
                return details.holder
            case "account":
                return details.number
            case "bank":
                return details.bank
            case "bank_code":
                return details.bank_code
            case "note":
                return f"{self.mapping.note} {payment.parts[-1].statement}".strip()
            case _:
                return self._of_batch(value)

    def _of_batch(self, value: Value) -> str:
        match value:
            case "batch":
                return self.batch.id
            case "batch_number":  # 11 to 32 letters and digits, and never that of another file
                return self.payments[0].reference.partition("N")[0] + self.day
            case "day":
                return self.day
            case "count":
                return str(len(self.payments))
            case "total":
                return from_minor(sum(one.amount_minor for one in self.payments), self.batch.currency)
            case "currency":
                return self.batch.currency
            case "payer_holder" | "payer_account":
                if self.payer is None or self.payer.details is None:
                    raise PaymentFileRefused(
                        "the file names the payer's own account; record it as the payer's for itself",
                        where=self.batch.id,
                    )
                return self.payer.details.holder if value == "payer_holder" else self.payer.details.number
            case _:
                raise PaymentFileRefused(f"'{value}' is of one payment, not of the batch", where="lead")
