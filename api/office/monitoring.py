"""The monitors of an installation: those of its signed versions, run over what is new in its log.

What they remember between runs is a file in the data directory's `files/`; without it, or when a version was
signed since, the log is read again from its first entry, and what was said before is not said twice.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

from api.office.agreements import held_versions
from api.office.opening import Office
from api.office.private_files import write_private
from ledger.database import reading
from ledger.monitors.memory import Memory, read_memory
from ledger.monitors.plan import Plan, plan_of
from ledger.monitors.running import Ran, run_monitors, still_there
from policies.agreement import Agreement

_FILE = "monitors.json"


def plan(office: Office) -> Plan:
    """Return the monitors of every signed version."""
    return _plan(tuple(one.agreement for one in held_versions(office).values() if one.is_signed))


@lru_cache(maxsize=8)
def _plan(signed: tuple[Agreement, ...]) -> Plan:
    versions: dict[str, list[Agreement]] = defaultdict(list)
    for one in sorted(signed, key=lambda each: (each.id, each.version)):
        versions[one.id].append(one)
    return plan_of(versions)


def run(office: Office, *, anew: bool = False) -> Ran:
    """Run the monitors over what is new, or over the whole log; say what they found."""
    wanted = plan(office)
    if not wanted.monitors:
        return Ran(0, 0, 0)
    memory = Memory(wanted.digest) if anew else _memory(office, wanted)
    ran = run_monitors(office.log, wanted, memory, office.clock())
    if ran.entries or ran.found:
        write_private(office.files / _FILE, memory.as_bytes().decode())
    return ran


def watch(office: Office) -> int:
    """Run the monitors over what is new; return how many notices were given."""
    return run(office).given


def _memory(office: Office, wanted: Plan) -> Memory:
    path = office.files / _FILE
    memory = read_memory(path.read_bytes() if path.exists() else b"", wanted.digest)
    with reading(office.engine) as session:
        return memory if still_there(session, memory) else Memory(wanted.digest)
