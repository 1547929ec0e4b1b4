"""Another party pays from a later version on: what was paid before stays paid, and nobody pays it again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ledger.payouts.errors import PayoutChanged
from tests.payout_world import Payday, later_version

IN_MAY = datetime(2026, 5, 2, tzinfo=UTC)


def _agency_pays(payday: Payday) -> None:
    payday.world.agreements.append(later_version(payday.world.agreement, '"holder":"mcn"'))
    payday.clock.now = IN_MAY


def test_what_one_party_paid_is_not_paid_again_by_the_next(payday: Payday) -> None:
    payday.accept("streamer")
    batch = payday.release(payday.prepare())
    payday.tell(payday.say(batch, "streamer"))
    _agency_pays(payday)
    row = payday.payables()["streamer"]
    assert (row.payer, row.paid_minor, row.payable_minor) == ("mcn", 37_800, 0)


def test_what_stands_in_a_batch_of_one_is_not_payable_by_the_next_and_is_not_released(sheet: Payday) -> None:
    sheet.accept("streamer")
    batch = sheet.prepare()
    _agency_pays(sheet)
    assert sheet.payables()["streamer"].on_its_way_minor == 37_800
    with pytest.raises(PayoutChanged, match="by the version in force mcn pays it"):
        sheet.release(batch)


def test_what_came_back_to_one_is_payable_by_the_next(sheet: Payday) -> None:
    sheet.accept("streamer")
    batch = sheet.release(sheet.prepare())
    _agency_pays(sheet)
    assert sheet.payables()["streamer"].payable_minor == 0
    sheet.tell(sheet.say(batch, "streamer", "failed"))
    assert sheet.payables()["streamer"].payable_minor == 37_800
