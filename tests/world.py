"""The worked example as an opened office: signed by five fresh keys, imported, settled, disputed, anchored.

Built once a session into a directory; who writes to it works on a copy. Sales are those of D01 (1,000 alike
orders), settled until 17 March 2026; D01 is decided by the rules, D05 waits for a person.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.access import Grant
from api.cli.decide import load_case
from api.house import House, house_of
from api.office.anchoring import checkpoint_and_anchor
from api.office.arbiters import seat
from api.office.dispute_process import decide_dispute, rest_dispute, waive_appeal
from api.office.disputes import Dispute, file_dispute
from api.office.opening import Office, open_office
from api.office.orders import import_orders
from api.office.settling import settle_until
from api.settings import Settings
from contracts.signing import SigningKey
from policies.loading import load_agreement
from policies.process.terms import SIDES
from tests.signing import sign_by_all

EXAMPLES = Path(__file__).parents[1] / "examples"
AGREEMENT = "head-streamer"
PARTIES = ("brand", "leader", "mcn", "platform", "streamer")
CUTOFF = datetime.fromisoformat("2026-03-17T00:00:00+08:00")
STATEMENTS = {party: f"{AGREEMENT}.1.{place}" for place, party in enumerate(PARTIES, 1)}
"""The statement that the one run issued to each party."""


class Clock:
    """A clock that moves a second at every look, so that the world is the same each time."""

    def __init__(self, start: str = "2026-11-16T09:00:00+08:00") -> None:
        self.now = datetime.fromisoformat(start).astimezone(UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True)
class World:
    """Where the office is kept, the ids of its disputes, and the key that each party signed with."""

    data: Path
    d01: str
    d05: str
    keys: Mapping[str, SigningKey]

    def open(self, *, requests_per_minute: int = 100_000, sign_ins_per_minute: int = 5) -> Office:
        """Open the office; the caller closes it."""
        url = f"sqlite:///{self.data / 'tallystick.db'}"
        settings = Settings(
            self.data,
            url,
            "a secret of the tests",
            requests_per_minute=requests_per_minute,
            sign_ins_per_minute=sign_ins_per_minute,
        )
        return open_office(settings, clock=Clock("2026-11-17T09:00:00+08:00"))

    def copy(self, to: Path) -> World:
        """Return the same world in another directory, to write to."""
        shutil.copytree(self.data, to)
        return World(to, self.d01, self.d05, self.keys)


def build_world(data: Path, database_url: str | None = None) -> World:
    """Build the world in a new directory, its log in another database where one is named."""
    url = database_url or f"sqlite:///{data / 'tallystick.db'}"
    settings = Settings(data, url, "a secret of the tests")
    with open_office(settings, clock=Clock()) as office:
        text = (EXAMPLES / "agreements" / "head-streamer.yaml").read_text(encoding="utf-8")
        keys = {party: SigningKey.generate() for party in PARTIES}
        document = load_agreement(text, name="head-streamer.yaml")
        sign_by_all(office, document, keys)
        import_orders(office, EXAMPLES / "orders" / "d01-orders.csv", "tallystick-orders", AGREEMENT)
        settle_until(office, AGREEMENT, CUTOFF)
        ids = []
        for case in ("D01", "D05"):
            filed = file_dispute(office, load_case(EXAMPLES / "cases" / f"{case}.yaml"))
            seat(office, filed, "arbiter", by="operator")
            ids.append(decided(office, filed.id).id)
        checkpoint_and_anchor(office)
    return World(data, ids[0], ids[1], keys)


def heard(office: Office, dispute: str) -> None:
    """Have both sides of a dispute say that they have nothing to add."""
    for side in SIDES:
        rest_dispute(office, dispute, side, member=f"{side}-member")


def decided(office: Office, dispute: str) -> Dispute:
    """Have the rules decide a dispute with nothing added and no appeal; what needs a person is proposed."""
    heard(office, dispute)
    one = decide_dispute(office, dispute)
    return one if one.awaits_review else unappealed(office, dispute)


def unappealed(office: Office, dispute: str) -> Dispute:
    """Have both sides of a dispute waive the appeal, so that the ruling stands and is posted."""
    waived = [waive_appeal(office, dispute, side, member=f"{side}-member") for side in SIDES]
    return waived[-1]


def enrol(house: House) -> dict[str, str]:
    """Enrol a member for each party, an outsider and the house's own; return their access codes."""
    codes = {
        party: house.members.enrol(
            f"{party}-member",
            party.title(),
            [Grant(role, party) for role in ("read", "draft", "approve", "sign", "pay")],
        )
        for party in PARTIES
    }
    codes["reader"] = house.members.enrol("reader", "Reader", [Grant("read", "mcn")])
    codes["outsider"] = house.members.enrol("outsider", "Outsider", [Grant("read", "another")])
    for role in ("arbiter", "auditor", "operator"):
        codes[role] = house.members.enrol(role, role.title(), [Grant(role)])
    return codes


def opened(world: World, *, sign_ins_per_minute: int = 5) -> tuple[Office, House, dict[str, str]]:
    """Open a world with everybody enrolled; the caller closes the office."""
    office = world.open(sign_ins_per_minute=sign_ins_per_minute)
    house = house_of(office)
    return office, house, enrol(house)
