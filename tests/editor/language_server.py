"""A client of the YAML language server as an editor is one: JSON-RPC over its standard input and output.

Its schema store is off, so that it asks nobody for anything. Not for anything but tests.
"""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

SERVER = Path(__file__).parent / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
PATIENCE_SECONDS = 30
_SETTINGS = {
    "yaml": {
        "schemaStore": {"enable": False, "url": ""},
        "validate": True,
        "hover": True,
        "completion": True,
        "format": {"enable": False},
    },
    "http": {"proxy": "", "proxyStrictSSL": False},
}


class LanguageServer:
    """A running server with documents open in it. Positions count from 0, as in the protocol."""

    def __init__(self, node: str, folder: Path) -> None:
        """Start the server on a folder."""
        self.process = subprocess.Popen(
            [node, str(SERVER), "--stdio"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.to: IO[bytes] = self.process.stdin
        self.back: IO[bytes] = self.process.stdout
        self.answers: dict[int, queue.Queue[Any]] = {}
        self.said: queue.Queue[dict[str, Any]] = queue.Queue()
        self.last = 0
        threading.Thread(target=self._listen, daemon=True).start()
        root = folder.as_uri()
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {
                "completion": {
                    "completionItem": {"snippetSupport": True, "documentationFormat": ["plaintext"]}
                },
                "hover": {"contentFormat": ["plaintext"]},
                "publishDiagnostics": {},
            },
        }
        self.ask("initialize", {"processId": None, "rootUri": root, "capabilities": capabilities,
                                "workspaceFolders": [{"uri": root, "name": "tests"}]})  # fmt: skip
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": _SETTINGS})

    def __enter__(self) -> Self:
        """Use the server for a while."""
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        """End the server."""
        self.process.terminate()
        self.process.wait(PATIENCE_SECONDS)
        self.to.close()
        self.back.close()

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Open a document and return its diagnostics."""
        item = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": item})
        while True:
            said = self.said.get(timeout=PATIENCE_SECONDS)
            if said["method"] == "textDocument/publishDiagnostics" and said["params"]["uri"] == path.as_uri():
                return list(said["params"]["diagnostics"])

    def completion(self, path: Path, line: int, character: int) -> dict[str, dict[str, Any]]:
        """Return what the editor offers at a place, by label."""
        found = self.ask("textDocument/completion", _place(path, line, character))
        return {item["label"]: item for item in (found["items"] if isinstance(found, dict) else found or [])}

    def hover(self, path: Path, line: int, character: int) -> str:
        """Return what the editor shows of a place."""
        found = self.ask("textDocument/hover", _place(path, line, character))
        contents = (found or {}).get("contents", "")
        return str(contents["value"] if isinstance(contents, dict) else contents)

    def ask(self, method: str, params: Any) -> Any:
        """Send a request and return its result."""
        self.last += 1
        waiting = self.answers[self.last] = queue.Queue()
        self._send({"id": self.last, "method": method, "params": params})
        answer = waiting.get(timeout=PATIENCE_SECONDS)
        assert "error" not in answer, answer
        return answer.get("result")

    def tell(self, method: str, params: Any) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.to.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.to.flush()

    def _listen(self) -> None:
        while (header := self.back.readline()) != b"":
            size = 0
            while header.strip():
                name, _, value = header.partition(b":")
                size = int(value) if name.lower() == b"content-length" else size
                header = self.back.readline()
            self._heard(json.loads(self.back.read(size)))

    def _heard(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self.answers[message["id"]].put(message)
        elif "id" in message:
            sections = [one.get("section") for one in (message.get("params") or {}).get("items", [])]
            configured = message["method"] == "workspace/configuration"
            result = [_SETTINGS.get(one, {}) for one in sections] if configured else None
            self._send({"id": message["id"], "result": result})
        else:
            self.said.put(message)


def _place(path: Path, line: int, character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}
