"""Single entries in requests of their own: ours against bare ASGI with a group commit, and against an ORM.

A client process sends sales over open connections to one server after the other, in turns. The peers write
the very rows we wrote, finished: the bare one gathers requests into commits as we do and sends the rows by
the same COPY or executemany, the other opens an ORM session a request. Theirs is only HTTP, JSON and the
database; ours also knows who is asking, checks, derives readers and postings, salts, hashes, and looks for
repeats. Each has a migrated database of its own on one durable server or disk.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from api.access import SourceGrant
from api.cli.member import members_of
from api.office.agreements import held, propose, version_to_sign
from api.office.opening import open_office
from api.office.signing import give_signature
from api.settings import Settings
from benchmarks.append.batches import Figures, databases
from benchmarks.append.sample import sales
from benchmarks.append.serving import ROWS, Written
from contracts.consent import sign_version
from contracts.signing import SigningKey
from ledger.database import reading, writing
from ledger.sums import BLOCK
from ledger.tables import TABLES
from policies.loading import load_agreement

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "examples" / "agreements" / "head-streamer.yaml"
CONNECTIONS = 64
PEERS = ("asgi", "orm")
ORM_PART = 8
"""The ORM gets every eighth of the requests of a round, for it takes so much longer."""


def single_requests(folder: Path, kind: str, rounds: int, requests: int) -> Figures:
    """Measure on a kind of database: rounds of so many requests each, the first round not counted."""
    prefix = "" if kind == "postgresql" else f"{kind}_"
    rates: dict[str, list[float]] = defaultdict(list)
    took: list[dict[str, float]] = []
    with databases(folder, kind) as fresh, ExitStack() as stack:
        engines = {one: fresh() for one in ("ours", *PEERS)}
        if kind == "postgresql":
            with engines["orm"].begin() as connection:  # it sums each statement, and an ORM sends one a row
                connection.exec_driver_sql("DROP TRIGGER posting_balance ON posting")
        headers = _installed(folder, engines["ours"])
        ports = {one: stack.enter_context(_served(one, engines[one], folder)) for one in ("ours", *PEERS)}
        seen = 0
        for number in range(rounds):
            path = folder / "bodies.ndjson"
            _write(path, number * requests, requests)
            told = _send(ports["ours"], path, headers)
            took.append(told)
            rates["ours"].append(requests / told["seconds"])
            seen = _hand_over(engines, folder, seen)
            for peer in PEERS:
                _load(ports[peer])
            rates["asgi"].append(requests / _send(ports["asgi"], path, headers)["seconds"])
            _write(path, number * requests, requests // ORM_PART)
            rates["orm"].append(requests // ORM_PART / _send(ports["orm"], path, headers)["seconds"])
        _assert_same(engines["ours"], engines["asgi"])
    ours, asgi, orm = (rates[one][1:] for one in ("ours", *PEERS))
    return {
        f"{prefix}single_vs_asgi": round(_ratio(ours, asgi), 3),
        f"{prefix}single_vs_orm": round(_ratio(ours, orm), 1),
        f"{prefix}single_entries_per_second": round(median(ours)),
        f"{prefix}asgi_entries_per_second": round(median(asgi)),
        f"{prefix}orm_requests_per_second": round(median(orm)),
        f"{prefix}single_p50_ms": round(median(one["p50"] for one in took[1:]) * 1000, 1),
        f"{prefix}single_p99_ms": round(median(one["p99"] for one in took[1:]) * 1000, 1),
        f"{prefix}single_connections": CONNECTIONS,
    }


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median(our / their for our, their in zip(ours, theirs, strict=True))


def _installed(folder: Path, engine: Engine) -> bytes:
    """Sign the agreement and enrol the program that sends; return its header lines."""
    with open_office(Settings(folder, _url(engine), "a secret of the benchmark")) as office:
        agreement = load_agreement(DOCUMENT.read_text(encoding="utf-8"), name=DOCUMENT.name)
        keys = {party: SigningKey.generate() for party in agreement.parties}
        one = propose(office, agreement.with_signers({party: key.address for party, key in keys.items()}))
        for party, key in keys.items():
            message = version_to_sign(office, held(office, one.agreement.ref))
            signed = sign_version(key, message, office.domain)
            give_signature(office, one.agreement.ref, party, signed.signature)
        code = members_of(office).enrol("shop", "Shop", [], [SourceGrant("platform", "shop")])
    return f"authorization: Bearer {code}\ncontent-type: application/json\n".encode()


def _url(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


@contextmanager
def _served(kind: str, engine: Engine, folder: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "benchmarks.append.serving", kind, _url(engine), str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _send(port: int, path: Path, headers: bytes) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.append.load", str(port), str(CONNECTIONS), str(path)]
    done = subprocess.run(command, input=headers, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _load(port: int) -> None:
    """Have a peer read its rows before the clock starts."""
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().status == 201


def _write(path: Path, first: int, count: int) -> None:
    with path.open("wb") as file:
        for sale in sales(first, count):
            body = {
                "source": "shop",
                "kind": "sale.recorded",
                "agreement": "head-streamer",
                "asserter": "platform",
                "occurred_at": sale.paid_at.isoformat(),
                "order": sale.order,
                "line": "1",
                "facts": {
                    "paid": f"{sale.paid_minor // 100}.{sale.paid_minor % 100:02}",
                    "freight": f"{sale.freight_minor // 100}.{sale.freight_minor % 100:02}",
                    "sku": sale.product,
                },
                "personal": {"buyer": sale.buyer},
            }
            file.write(json.dumps(body).encode() + b"\n")


def _hand_over(engines: dict[str, Engine], folder: Path, seen: int) -> int:
    """Give the peers the rows that we have written since entry `seen`, by the order that brought them.

    Accounts, and what was written before the first sale, are put into their databases at once.
    """
    found: dict[int, Written] = defaultdict(lambda: defaultdict(list))
    with reading(engines["ours"]) as session:
        size = int(session.rows("SELECT count(*) FROM entry")[0][0])
        for table, columns in TABLES.items():
            names = [column.name for column in columns.columns]
            brought = _BROUGHT.get(table, "seq" if "seq" in names else None)
            if brought is not None:
                sql = f"SELECT {brought}, {','.join(names)} FROM {table} WHERE {brought} BETWEEN ? AND ?"
                for seq, *row in session.rows(sql, (seen, size - 1)):
                    found[seq][table].append(tuple(row))
        accounts = session.rows("SELECT id, owner, agreement, purpose, currency FROM account")
    orders = {}
    before: Written = defaultdict(list, account=accounts)
    for seq in sorted(found):
        order, _, event = found[seq]["entry"][0][2].partition("/")
        if event == "1/sale/1":
            orders[order] = dict(found[seq])
        else:
            for table, rows in found[seq].items():
                before[table] += rows
    for peer in PEERS:
        with writing(engines[peer]) as session:
            known = session.rows("SELECT coalesce(max(id), 0) FROM account")[0][0]
            before["account"] = [row for row in accounts if row[0] > known]
            for table in TABLES:
                if before[table]:
                    session.insert(table, before[table])
    (folder / ROWS).write_bytes(pickle.dumps(orders))
    return size


_BROUGHT = {
    "tile": "((idx + 1) * CAST(power(256, level + 1) AS integer) - 1)",
    "balance_block": f"((block + 1) * {BLOCK} - 1)",
    "balance_part": f"((block + 1) * {BLOCK} - 1)",
}
"""With which entry a row of a derived table came; elsewhere that is its seq."""


def _assert_same(ours: Engine, peer: Engine) -> None:
    with reading(ours) as one, reading(peer) as other:
        for table in TABLES:
            count = f"SELECT count(*) FROM {table}"
            assert one.rows(count) == other.rows(count), f"{table} differs between the contestants"
        newest = "SELECT leaf_hash FROM entry ORDER BY seq DESC LIMIT 1000"
        assert one.rows(newest) == other.rows(newest), "the contestants wrote different entries"
