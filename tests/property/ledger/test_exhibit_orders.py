"""Whatever is ordered of an exhibit: who filed it sees it, the last order holds, and its digest stays."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.exhibits.exhibit import PASSED, REDACTED, SEALED, UNSEALED, Act, Described, Exhibit

PARTIES = ("brand", "mcn", "platform", "streamer")
FIRST, DIGESTS = "0" * 64, [f"{n}" * 64 for n in range(1, 4)]

seals = st.sets(st.sampled_from(PARTIES[1:]), min_size=1).map(
    lambda parties: (SEALED, {"parties": sorted(parties)})
)
unseals: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.just((UNSEALED, {}))
redactions = st.tuples(st.sampled_from(DIGESTS), st.sampled_from(["kept", "destroyed"])).map(
    lambda one: (REDACTED, {"sha256": one[0], "original": one[1]})
)
handings = st.sampled_from([FIRST, *DIGESTS]).map(
    lambda sha256: (PASSED, {"to": "x", "how": "y", "at": "z", "sha256": sha256, "same": sha256 == FIRST})
)
histories = st.lists(seals | unseals | redactions | handings, max_size=8)


def exhibit(acts: list[tuple[str, dict[str, Any]]], *, under_seal: bool) -> Exhibit:
    return Exhibit(
        dispute="D-1", number=1, seq=0, recorded_us=0, agreement="a@1", by="brand", kind="chat", sha256=FIRST,
        size=1, captured_at="2026-01-01T00:00:00Z", supports=(), late=False, under_seal=under_seal,
        record=None,
        readers=PARTIES,
        described=Described(
            title="t", description="", file="f", media_type="text/plain", address="", signature="", held=()
        ),
        acts=tuple(Act(kind, n, n, "arbiter", content) for n, (kind, content) in enumerate(acts, 1)),
    )  # fmt: skip


@given(histories, st.booleans())
def test_the_last_order_says_who_sees_it_and_nothing_changes_what_was_filed(
    acts: list[tuple[str, dict[str, Any]]],
    under_seal: bool,  # noqa: FBT001 -- drawn
) -> None:
    one = exhibit(acts, under_seal=under_seal)
    orders = [(kind, content) for kind, content in acts if kind in {SEALED, UNSEALED}]
    closed = set(PARTIES[1:]) if under_seal else set()
    if orders:
        closed = set(orders[-1][1]["parties"]) if orders[-1][0] == SEALED else set()
    assert {party for party in PARTIES if not one.open_to([party])} == closed
    assert not one.open_to(["somebody else"])
    assert one.awaits_order == (under_seal and not orders)
    redacted = [content for kind, content in acts if kind == REDACTED]
    assert one.sha256 == FIRST
    assert one.shown_sha256 == (redacted[-1]["sha256"] if redacted else FIRST)
    assert one.shown_sha256 in one.files_needed()
    assert (FIRST in one.files_needed()) == (not any(each["original"] == "destroyed" for each in redacted))
    assert one.unbroken == all(content["same"] for kind, content in acts if kind == PASSED)
