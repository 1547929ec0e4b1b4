"""Read models of statements: totals by clause, then lines, then one line explained."""

from __future__ import annotations

from dataclasses import dataclass

from api.reading import Money, PartyName, Text


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One statement in the list.

    `status` is issued, served, contested, accepted_in_part, accepted, part_paid or paid; `contest_until` the
    last day on which it may be contested.
    """

    id: str
    agreement: str
    party: PartyName
    period: str
    status: str
    payable: Money
    issued_at: str
    contest_until: str | None


@dataclass(frozen=True, slots=True)
class ServiceShown:
    """How a statement reached its party: in the `inbox`, or at the `address`; `recorded_at` counts."""

    means: str
    recorded_at: str
    delivered_at: str
    address: str | None
    reference: str | None
    entry_seq: int


@dataclass(frozen=True, slots=True)
class ContestItem:
    """A line or a figure that is contested, and what it adds to the party."""

    line: int | None
    figure: str | None
    order: str | None
    label: Text
    amount: Money


@dataclass(frozen=True, slots=True)
class ContestShown:
    """One contest. `status` is open, withdrawn, answered or dismissed; `held` is what is held of it now.

    What it placed stays held after its end as far as other contests that stand need it.
    """

    statement: str
    agreement: str
    party: PartyName
    number: int
    status: str
    whole: bool
    items: tuple[ContestItem, ...]
    reason: str
    contested_at: str
    contested_by: str
    amount: Money
    held: Money
    entry_seq: int
    ended_seq: int | None
    end_reason: str | None
    correction: str | None


@dataclass(frozen=True, slots=True)
class StatementLife:
    """What became of a statement.

    `accepted` is `act` or `silence`, None while it is not; `contest_until` the last day to contest, None
    before service, where the document sets no window, or where its calendar does not know the year yet.
    `paid` is what banks confirmed of it, `on_its_way` what stands in batches of payments.
    """

    statement: str
    status: str
    services: tuple[ServiceShown, ...]
    contest_until: str | None
    days_left: int | None
    accepted: str | None
    accepted_at: str | None
    accepted_seq: int | None
    contests: tuple[ContestShown, ...]
    contested: Money
    held: Money
    corrected_by: str | None
    paid: Money
    on_its_way: Money


@dataclass(frozen=True, slots=True)
class StatementTotal:
    """One row of the summary: what a clause earned, reversed or took; `kind` says which.

    `figure` names it in a contest; `contest` is the number of the open one that has it, or a line under it.
    """

    clause: str | None
    leg: str | None
    kind: str
    label: Text
    lines: int
    amount: Money
    entry_seq: int | None
    """For what a decision moved: its entry."""
    figure: str
    contest: int | None
    about: Text | None
    """For what is due beside the lines: what for."""
    due: int | None
    """Its number, by which `…/dues/NUMBER` explains it."""


@dataclass(frozen=True, slots=True)
class StatementClassSum:
    """What the rows of one class come to; `figures` name them. `name` is as `statements.md` lists them."""

    name: str
    label: Text
    amount: Money
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldDueShown:
    """What fell due and is not settled yet, so that no figure of the statement has it: for what, and why.

    `about` is the period or case, empty where the clause has but one; `because` is `missing`, `contested`,
    `conflict`, `review` or `figures`; `facts` are those that are lacking or contested, by name.
    """

    clause: str
    version: int
    about: str
    because: str
    facts: tuple[str, ...]
    reason: Text


@dataclass(frozen=True, slots=True)
class CorrectionCause:
    """Why lines of a correction differ from what was stated: how many, and what they come to."""

    cause: str
    lines: int
    amount: Money


@dataclass(frozen=True, slots=True)
class OpinionShown:
    """About how many lines of a run CommissionSplitter was asked, all of which it agreed on.

    `beyond` says why the version shown here could not be asked about.
    """

    by: str
    lines: int
    taken_back: int
    beyond: Text | None


@dataclass(frozen=True, slots=True)
class StatementDetail:
    """One statement: opening + totals = closing = payable + carried forward, to the minor unit."""

    id: str
    agreement: str
    version: int
    party: PartyName
    period: str
    cutoff: str
    status: str
    issued_at: str
    entry_seq: int
    opening: Money
    totals: tuple[StatementTotal, ...]
    classes: tuple[StatementClassSum, ...]
    """The totals by class; with the opening they come to the closing."""
    closing: Money
    held: Money
    """What of the closing was held when the statement was issued, and so is not payable yet."""
    held_dues: tuple[HeldDueShown, ...]
    carried_forward: Money
    payable: Money
    lines: int
    lines_root: str
    opinion: OpinionShown | None
    """What CommissionSplitter said of the run; None where it was not asked."""
    previous: str | None
    """The party's statement before, whose carried forward is the opening."""
    corrects: str | None
    """The statement that this one corrects."""
    causes: tuple[CorrectionCause, ...]
    life: StatementLife
    may_accept: bool
    may_contest: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line: an order line's effect on the party under one clause. `number` counts from 0."""

    number: int
    order: str
    line: str
    clause: str
    version: int
    leg: str
    label: Text
    kind: str
    entries: tuple[int, ...]
    """The log entries that it rests on."""
    amount: Money
    contest: int | None
    """The number of the open contest that names it."""


@dataclass(frozen=True, slots=True)
class LinePage:
    """Some lines; `next_after` is the cursor of the next page, None at the end."""

    statement: str
    lines: tuple[StatementLine, ...]
    total: int
    next_after: int | None
    order: str | None
    """The one order that was asked for; None for all."""
    leg: str | None
    kind: str | None
    """The leg and kind that were asked for, as a row of the sum has them; None for all."""
    leg_label: Text | None
    """The leg in words."""


@dataclass(frozen=True, slots=True)
class FactUsed:
    """A fact behind a line: its value, who asserted it, from which source, and its standing."""

    name: str
    label: Text
    value: str
    asserter: Text
    source: str
    standing: str
    entry_seq: int


@dataclass(frozen=True, slots=True)
class ArithmeticStep:
    """One step of the sum: what it gives, in words, and as a figure."""

    label: Text
    worded: Text
    result: Money


@dataclass(frozen=True, slots=True)
class DueExplained:
    """Why what is due beside the lines is what it is. `number` is its place among them, from 0."""

    statement: str
    number: int
    agreement: str
    version: int
    clause: str
    clause_text: Text
    leg: str
    label: Text
    kind: str
    about: Text
    amount: Money
    causes: tuple[Text, ...]
    entries: tuple[int, ...]
    """The log entries that it rests on, where they are few."""
    arithmetic: tuple[ArithmeticStep, ...]


@dataclass(frozen=True, slots=True)
class LineExplained:
    """Why a line is what it is."""

    statement: str
    line: StatementLine
    agreement: str
    clause_text: Text
    facts: tuple[FactUsed, ...]
    arithmetic: tuple[ArithmeticStep, ...]
    reverses: int | None
    """For what was reversed or returned: the entry of the run that posted what it takes back."""
    may_contest: bool


@dataclass(frozen=True, slots=True)
class ContestRequest:
    """What to contest: line numbers, figures as `totals` name them, or the `whole`; one of the three."""

    reason: str
    lines: tuple[int, ...] = ()
    figures: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class ServiceRequest:
    """How it reached its party: `inbox` or `address`, with when it was delivered there and what shows it."""

    means: str
    delivered_at: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class EndRequest:
    """Why a contest ends; for an answer, the statement that corrects."""

    reason: str
    correction: str | None = None


@dataclass(frozen=True, slots=True)
class ContestForm:
    """The form of a page: `what` is `whole`, a figure by its place, or `line:` and a number."""

    what: str
    reason: str

    def asked(self) -> ContestRequest:
        """Return what the form asks; a number that is none names no line."""
        if self.what == "whole":
            return ContestRequest(self.reason, whole=True)
        kind, _, number = self.what.partition(":")
        if kind == "line" and number.isascii() and number.isdecimal():
            return ContestRequest(self.reason, lines=(int(number),))
        return ContestRequest(self.reason, figures=(self.what,))
