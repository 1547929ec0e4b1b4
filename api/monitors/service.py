"""Monitors for the parties of the versions that they are compiled from, and for auditors."""

from __future__ import annotations

from api.access import Viewer, demand_read, may_read
from api.language import LANGUAGES, catalogue
from api.monitors.schemas import MonitorShown, MonitorsShown
from api.notices.words import law_of
from api.office.monitoring import plan
from api.office.opening import Office
from api.reading import Text, plain
from api.worded import both, kind_words, party_by_id
from policies.monitors.compiled import Compiled


class MonitorService:
    """Shows what signed documents have watched for. Raises AccessDenied for an agreement of others."""

    def __init__(self, office: Office) -> None:
        """Read the monitors of an office."""
        self.office = office

    def monitors(self, viewer: Viewer, agreement: str | None = None) -> MonitorsShown:
        """Return the monitors of the viewer's own signed versions, of one agreement or of all.

        An agreement of others and one that there is not are one answer.
        """
        found = plan(self.office)
        mine = {
            one.ref
            for versions in found.versions.values()
            for one in versions
            if agreement in {None, one.id} and may_read(viewer, (one.party_id(key) for key in one.parties))
        }
        if agreement is not None and not mine:
            demand_read(viewer, (), "agreement")
        return MonitorsShown(tuple(_shown(one) for one in found.monitors if one.agreement.ref in mine))


def _shown(one: Compiled) -> MonitorShown:
    agreement, monitor = one.agreement, one.monitor
    watches = monitor.watch.kinds if monitor.watch is not None else ()
    return MonitorShown(
        agreement=agreement.id,
        version=agreement.version,
        clause=one.clause,
        rule=one.rule or None,
        law=law_of(one.rule) if one.rule else None,
        code=monitor.code,
        severity=monitor.severity,
        finds=_finds(monitor.code),
        watches=watches,
        watched=tuple(_kind(kind) for kind in watches) or (_brought_about(one),),
        readers=tuple(party_by_id(agreement, party) for party in one.readers),
        of_them=both("monitors.told-payable") if monitor.payable else None,
    )


def _finds(code: str) -> Text:
    """Return when a monitor gives its notice: in the house's words, its code where the house has none."""
    key = f"monitor-finds.{code}"
    return both(key) if catalogue("en").has(key) else plain(code)


def _kind(kind: str) -> Text:
    """Return a kind of entry in words: those of its register, else the house's."""
    return kind_words(kind) or Text(*(catalogue(one).term("entry-kind", kind) for one in LANGUAGES))


def _brought_about(one: Compiled) -> Text:
    """Return what brings a monitor about that watches no entries."""
    monitor = one.monitor
    way = "day" if monitor.ends is not None else "payable" if monitor.payable else "lines"
    return both(f"monitors.watched-{way}")
