"""`tallystick` for many commands in a row: each is a fork of one process that has loaded everything before.

A command keeps what it has as a process of its own: arguments, working directory, environment, standard
streams and exit code. Only the loading is shared, which is most of what a short command takes. Not for
tests of the loading itself, nor for those that kill.
"""

from __future__ import annotations

import importlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOST_ASKED = 1 << 20
"""Bytes of arguments and environment that one command may bring."""

CLIENT = """#!{python} -SE
import array, json, os, socket, sys
asked = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(asked)
    sys.exit(int(server.recv(3) or b"70"))
"""


@contextmanager
def warm_commands(environment: Path) -> Iterator[None]:
    """Make `environment` like the one that runs, but with a warm `tallystick`, for a while."""
    (environment / "bin").mkdir(parents=True)
    address = environment / "commands"
    for one in [*Path(sys.prefix).iterdir(), *Path(sys.prefix, "bin").iterdir()]:
        if one.name not in {"bin", "tallystick"}:
            (environment / one.relative_to(sys.prefix)).symlink_to(one)
    client = environment / "bin" / "tallystick"
    client.write_text(CLIENT.format(python=sys.executable, address=str(address)), encoding="utf-8")
    client.chmod(0o755)
    command = [sys.executable, "-m", "tests.warm_commands", str(address)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        try:
            assert server.stdout.readline() == b"ready\n"
            yield
        finally:
            server.terminate()


def serve(address: str) -> None:
    """Take commands on a Unix socket until terminated, each in a fork of this process."""
    from api.cli import main  # noqa: PLC0415 -- the client's side needs none of it
    from api.cli.root import COMMANDS  # noqa: PLC0415 -- as above

    for module, _ in COMMANDS.values():
        importlib.import_module(f"api.cli.{module}")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(address)
        listening.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            asking, _ = listening.accept()
            if os.fork() == 0:
                listening.close()
                _run(asking, main)
            asking.close()
            _reap()


def _run(asking: socket.socket, main: object) -> None:
    assert callable(main)
    head, streams, _, _ = socket.recv_fds(asking, 4, 3)
    wanted = int.from_bytes(head, "big")
    assert len(head) == 4
    assert wanted <= MOST_ASKED
    asked = b""
    while len(asked) < wanted:
        asked += asking.recv(wanted - len(asked))
    arguments, folder, variables = json.loads(asked)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(variables)
    sys.argv = ["tallystick", *arguments]
    code: object = 70
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    sys.stdout.flush()
    sys.stderr.flush()
    asking.sendall(str(code).encode())
    os._exit(0)


def _reap() -> None:
    """Let go of commands that ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    serve(sys.argv[1])
