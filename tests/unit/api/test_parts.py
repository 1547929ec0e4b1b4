"""Small pieces of the API by themselves: access, limits, settings, amounts, bars, vendored files, exports."""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path

import pytest

import api.pages
from api.access import Grant, Viewer, demand_read, demand_role, may_read
from api.agreements.figure import bars
from api.agreements.schemas import SplitStep
from api.errors import AccessDenied, SettingUnusable, TooManyRequests
from api.limits import WINDOW_S, Limiter
from api.members.endpoints import safe_next
from api.pages import moment, money, short
from api.problems import status_of
from api.reading import Money, plain
from api.sending import inert
from api.settings import Settings, kept_secret

LIN = Viewer("lin", "Lin", frozenset({Grant("read", "mcn"), Grant("approve", "mcn"), Grant("read", "brand")}))
AUDITOR = Viewer("aud", "Auditor", frozenset({Grant("auditor")}))
OPERATOR = Viewer("op", "Operator", frozenset({Grant("operator")}))


def test_a_viewer_reads_what_is_theirs_and_no_more() -> None:
    assert may_read(LIN, ("mcn", "platform"))
    assert not may_read(LIN, ("platform",))
    assert may_read(AUDITOR, ("platform",))
    assert not may_read(OPERATOR, ("platform",))


def test_a_thing_that_does_not_exist_is_denied_even_to_an_auditor() -> None:
    with pytest.raises(AccessDenied):
        demand_read(AUDITOR, (), "statement")


def test_a_role_for_one_party_is_no_role_for_another() -> None:
    demand_role(LIN, "approve", "mcn")
    with pytest.raises(AccessDenied):
        demand_role(LIN, "approve", "brand")


@pytest.mark.parametrize("role", ["sign", "approve", "pay"])
def test_the_operator_acts_for_nobody(role: str) -> None:
    with pytest.raises(AccessDenied):
        demand_role(OPERATOR, role, "mcn")  # type: ignore[arg-type]


def test_a_limiter_counts_by_key_and_forgets_after_its_window() -> None:
    now = [0.0]
    limiter = Limiter(2, lambda: now[0])
    limiter.demand("a")
    limiter.demand("a")
    limiter.demand("b")
    with pytest.raises(TooManyRequests) as refused:
        limiter.demand("a")
    assert 0 < refused.value.data["retry_after_s"] <= WINDOW_S + 1
    now[0] = float(WINDOW_S)
    limiter.demand("a")


def test_settings_come_from_the_environment_and_a_bad_one_is_named(tmp_path: Path) -> None:
    given = {"TALLYSTICK_DATA": str(tmp_path), "TALLYSTICK_PORT": "9000"}
    settings = Settings.from_environment(given)
    assert (settings.port, settings.host, settings.https) == (9000, "127.0.0.1", False)
    assert settings.requests_per_minute == 1200
    with pytest.raises(SettingUnusable, match="TALLYSTICK_PORT"):
        Settings.from_environment(given | {"TALLYSTICK_PORT": "x"})


def test_the_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    made = kept_secret(tmp_path / "data" / "secret")
    assert kept_secret(tmp_path / "data" / "secret") == made
    assert stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (283560000, "CNY", "2,835,600.00"),
        (-5, "CNY", "−0.05"),
        (0, "CNY", "0.00"),
        (1234567, "JPY", "1,234,567"),
    ],
)
def test_amounts_are_grouped_and_exact(minor: int, currency: str, written: str) -> None:
    assert money(Money(minor, currency)) == written


def test_times_keep_their_offset() -> None:
    assert moment("2026-03-02T11:20:05+08:00") == "2026-03-02 11:20+08:00"
    assert moment("2026-03-02") == "2026-03-02"
    assert moment(None) == "—"
    assert short("0x" + "ab" * 20) == "0xabababab…ababab"


def test_bars_of_a_pool_stand_inside_the_pool() -> None:
    def step(kind: str, depth: int, minor: int) -> SplitStep:
        return SplitStep("x", plain("x"), kind, depth, None, "", plain(""), Money(minor, "CNY"))  # type: ignore[arg-type]

    drawn = bars(
        1000,
        [
            step("leg", 0, 100),
            step("pool", 0, 400),
            step("leg", 1, 150),
            step("rest", 1, 250),
            step("rest", 0, 500),
        ],
    )
    assert [(bar.start_permille, bar.width_permille) for bar in drawn] == [
        (0, 100), (100, 400), (100, 150), (250, 250), (500, 500),
    ]  # fmt: skip
    assert bars(0, [step("leg", 0, 0)])[0].width_permille == 0


@pytest.mark.parametrize(
    ("code", "status"),
    [("entry.conflict", 409), ("access.denied", 403), ("agreement.rejected", 422), ("anything.unknown", 404)],
)
def test_a_code_gets_its_status_from_the_table_or_its_last_word(code: str, status: int) -> None:
    assert status_of(code) == status


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_nothing_from_outside_is_a_formula_in_a_spreadsheet(text: str) -> None:
    assert inert(text) == f"'{text}"
    assert inert("2026-1") == "2026-1"


@pytest.mark.parametrize("target", ["//x", "http://x", "/\\x", "x", "", "/a\nb", "\\\\x"])
def test_only_paths_of_this_server_are_gone_to(target: str) -> None:
    assert safe_next(target) == "/"
    assert safe_next("/log?kind=sale.recorded") == "/log?kind=sale.recorded"


def test_vendored_files_are_the_ones_that_are_written_down() -> None:
    vendor = api.pages.STATIC / "vendor"
    table = (vendor / "VENDORED.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` .* `([0-9a-f]{64})` \|$", table, re.MULTILINE)
    found = {
        file.relative_to(vendor).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*.js")
    }
    assert dict(rows) == found
