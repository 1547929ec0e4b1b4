"""Evaluations for the parties of an agreement and for auditors.

A party sees the measures of its own agreements. Disputes are those it may read, and brands those of its own
agreements, so that nobody learns of another's from a count.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from api.access import Viewer, may_read
from api.agreements.clauses import clauses_shown
from api.books import demand_party, sees_all, signed
from api.evaluations.figures import change_text, daily_chart, decimal, figure, interval_chart, side_shown
from api.evaluations.schemas import (
    DisputesShown,
    DutyShown,
    EvaluationShown,
    KindShown,
    MatrixCell,
    MatrixRow,
    MatrixShown,
    MeasureRow,
    MeasureShown,
    MedianShown,
    PartShown,
    WindowShown,
)
from api.language import LANGUAGES, catalogue
from api.office.evaluating import Evaluated, evaluate_version
from api.office.opening import Office
from api.reading import Text, plain
from api.worded import both, party_name
from ledger.evaluation.disputes import Disputes, Median, Part
from ledger.evaluation.errors import EvaluationUnready
from ledger.evaluation.measures import Measure
from ledger.evaluation.told import INCIDENT
from ledger.evaluation.windows import Window
from ledger.registers.declaration import registers
from policies.agreement import Agreement
from policies.money import round_minor
from policies.mutuality import Mutuality, mutuality

_HOUR = 3_600
_ALL = 1_000


class EvaluationService:
    """Evaluates versions for who may read them. Raises AccessDenied for others."""

    def __init__(self, office: Office) -> None:
        """Evaluate what an office holds."""
        self.office = office

    def evaluation(self, viewer: Viewer, agreement: str, version: int | None, days: int) -> EvaluationShown:
        """Return the evaluation of a version. Raises EvaluationUnready."""
        versions = self._theirs(viewer, agreement)
        whole = sees_all(viewer, versions)
        found = evaluate_version(
            self.office,
            agreement,
            version=version,
            days=days,
            parties=None if whole else viewer.parties,
            theirs=[one.version for one in versions],
        )
        return evaluation_shown(found, tuple(one.version for one in versions))

    def duties(self, viewer: Viewer, agreement: str, version: int | None) -> MatrixShown:
        """Return the rights and duties of a version, the newest signed one where none is named."""
        versions = self._theirs(viewer, agreement)
        among = [one for one in versions if version in {None, one.version}]
        if not among:
            known = ", ".join(str(one.version) for one in versions)
            raise EvaluationUnready(f"version {version} is not signed; signed are {known}", where=agreement)
        newest = max(among, key=lambda one: one.version)
        return matrix_shown(newest, mutuality(newest))

    def _theirs(self, viewer: Viewer, agreement: str) -> list[Agreement]:
        """Return the signed versions to which the viewer is a party; who left reads nothing of later ones."""
        versions = signed(self.office, agreement)
        demand_party(viewer, versions)
        return [one for one in versions if may_read(viewer, (one.party_id(key) for key in one.parties))]


def evaluation_shown(found: Evaluated, versions: tuple[int, ...]) -> EvaluationShown:
    """Return an evaluation as it is shown."""
    agreement, evaluation = found.agreement, found.evaluation
    windows = evaluation.windows
    before, after = evaluation.sold
    earlier, now = found.duties
    return EvaluationShown(
        agreement=agreement.id,
        title=Text(agreement.document.title.zh, agreement.document.title.en),
        version=agreement.version,
        earlier=found.earlier.version if found.earlier else None,
        versions=versions,
        before=_window(windows.before),
        after=_window(windows.after),
        asked_days=windows.asked,
        as_of_seq=evaluation.end,
        cautions=tuple(both(f"evaluation.unlike-{one}") for one in evaluation.unlike),
        measures=tuple(_measure(one, agreement.currency) for one in evaluation.measures),
        kinds=tuple(
            KindShown(
                name,
                _kind(name),
                side_shown(first, "per_10000", agreement.currency),
                side_shown(second, "per_10000", agreement.currency),
            )
            for name, first, second in evaluation.kinds
        ),
        daily=daily_chart(before.daily_orders, after.daily_orders),
        disputes=tuple(
            _disputes(when, one)
            for when, one in zip(("before", "after", "ever"), found.disputes, strict=True)
        ),
        matrix=matrix_shown(agreement, now),
        matrix_before=matrix_shown(found.earlier, earlier) if found.earlier and earlier else None,
    )


def measure_rows(shown: EvaluationShown) -> Iterator[MeasureRow]:
    """Yield the measures as rows of a table."""
    for one in shown.measures:
        yield MeasureRow(
            one.name, one.label, one.unit,
            one.before.value, one.before.low, one.before.high, one.before.of,
            one.after.value, one.after.low, one.after.high, one.after.of,
            one.change, one.change_low, one.change_high, one.method,
            "true" if one.told_apart else "false",
            Text("；".join(c.zh for c in one.cautions), "; ".join(c.en for c in one.cautions)),
        )  # fmt: skip


def _measure(one: Measure, currency: str) -> MeasureShown:
    change = one.change
    better = None
    if change is not None and one.told_apart:
        better = (change > 0) == (one.wanted == "up")
    limits = one.interval
    verdict = "untold"
    if change is not None and limits is not None:
        told = "better" if better else "chance" if better is None else "worse"
        verdict = "small" if one.is_small else told
    return MeasureShown(
        name=one.name,
        label=both(f"evaluation.measure-{one.name}"),
        unit=one.unit,
        before=side_shown(one.before, one.unit, currency),
        after=side_shown(one.after, one.unit, currency),
        change=change_text(change, one.unit) if change is not None else None,
        change_low=change_text(limits.low, one.unit) if limits else None,
        change_high=change_text(limits.high, one.unit) if limits else None,
        method=limits.method if limits else None,
        told_apart=one.told_apart,
        better=better,
        verdict=both(f"evaluation.verdict-{verdict}"),
        cautions=tuple(both(f"evaluation.caution-{name}") for name in one.cautions),
        chart=interval_chart(one, currency),
    )


def _kind(name: str) -> Text:
    """Return what a kind of violation is called: by the register of incidents, else by its notice."""
    incident = registers().get(INCIDENT)
    options = incident.fields["what"].options if incident is not None else {}
    words = (options or {}).get(name)
    if words is not None:
        return Text(words.zh, words.en)
    zh, en = (catalogue(one).term("breach-kind", name) for one in LANGUAGES)
    return Text(zh, en) if zh != name else plain(name.replace("_", " ").replace("-", " "))


def _window(one: Window) -> WindowShown:
    last = one.stop.fromordinal(one.stop.toordinal() - 1)
    return WindowShown(one.first.isoformat(), last.isoformat(), one.days)


def _disputes(when: str, one: Disputes) -> DisputesShown:
    return DisputesShown(
        when=when,
        label=both(f"evaluation.{when}"),
        filed=one.filed,
        ended=one.ended,
        answered=_median(one.answered),
        ruled=_median(one.ruled),
        closed=_median(one.closed),
        appealed=_part(one.appealed),
        overturned=_part(one.overturned),
        departed=_part(one.departed),
    )


def _median(one: Median) -> MedianShown:
    def hours(seconds: int | None) -> str | None:
        return None if seconds is None else decimal(Fraction(seconds, _HOUR), 1)

    middle = None if one.seconds is None else decimal(one.seconds / _HOUR, 1)
    return MedianShown(middle, hours(one.low), hours(one.high), one.of)


def _part(one: Part) -> PartShown:
    share, limits = one.share, one.interval
    return PartShown(
        one.hits,
        one.of,
        None if share is None else figure(share, "share", ""),
        figure(limits.low, "share", ""),
        figure(limits.high, "share", ""),
    )


def matrix_shown(agreement: Agreement, found: Mutuality) -> MatrixShown:
    """Return rights and duties as they are shown."""
    headings = {one.id: one.heading for one in clauses_shown(agreement)}
    names = {key: party_name(agreement, key) for key in found.parties}
    rows = []
    for key in found.parties:
        cells = []
        for other in found.parties:
            between = found.between(key, other)
            alone = sum(one.answer == "one_sided" for one in between)
            cells.append(MatrixCell(other, tuple(one.clause for one in between), alone))
        rows.append(MatrixRow(names[key], *found.of(key), tuple(cells)))
    symmetry = found.symmetry
    return MatrixShown(
        version=agreement.version,
        symmetry=None if symmetry is None else figure(symmetry, "share", ""),
        permille=0 if symmetry is None else round_minor(symmetry * _ALL, "half_up"),
        parties=tuple(names.values()),
        rows=tuple(rows),
        duties=tuple(
            DutyShown(
                one.clause,
                headings.get(one.clause, plain(one.clause)),
                names[one.debtor],
                names[one.creditor],
                one.answer,
            )
            for one in found.duties
        ),
    )
