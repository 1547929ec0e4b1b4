"""A log's server as a witness asks it: the latest checkpoint with its proof, and the signature handed in."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import click

from verifier.witness import Countersigned

_SECONDS = 30
_BYTES_MAX = 1 << 20


class Server:
    """A server by its address, asked as the member whose access code it is."""

    def __init__(self, url: str, code: str) -> None:
        """Take the address without `/v1`. Raises a usage error for one that is no web address."""
        if not url.startswith(("https://", "http://")):
            raise click.UsageError(f"'{url}' is no web address; it begins with https://")
        self._url = url.rstrip("/")
        self._headers = {"authorization": f"Bearer {code}"}

    def consistency(self, old: int) -> bytes:
        """Return the proof from `old` entries to the latest checkpoint, or else that checkpoint alone.

        A log that has become shorter gives no proof; its checkpoint tells.
        """
        try:
            return self._ask(f"/v1/log/consistency?old={old}")
        except _RefusedError as refused:
            if refused.status != 409:
                raise
            return self._ask("/checkpoint")

    def hand_in(self, given: Countersigned) -> None:
        """Hand a countersignature in."""
        body = json.dumps({"line": given.line.rstrip("\n")}).encode()
        self._ask(f"/v1/checkpoints/{given.size}/cosignatures", body)

    def _ask(self, path: str, body: bytes | None = None) -> bytes:
        headers = {**self._headers, **({"content-type": "application/json"} if body else {})}
        request = urllib.request.Request(self._url + path, body, headers)  # noqa: S310 (http and https only, above)
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310 (as above)
                text: bytes = answer.read(_BYTES_MAX)
        except urllib.error.HTTPError as fault:
            with fault:
                raise _RefusedError(fault.code, fault.read(_BYTES_MAX)) from None
        except urllib.error.URLError as fault:
            raise click.ClickException(f"{self._url}: {fault.reason}") from None
        return text


class _RefusedError(click.ClickException):
    """What a server refused, in its own words."""

    def __init__(self, status: int, body: bytes) -> None:
        """Read the problem document, where it is one."""
        try:
            problem = json.loads(body)
            detail = f"{problem['detail']} [{problem['code']}]"
        except (ValueError, KeyError, TypeError):
            detail = f"status {status}"
        super().__init__(f"the server refuses: {detail}")
        self.status = status
