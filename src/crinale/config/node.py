"""The home of a node: the one directory that holds its settings, its secrets and its data.

node.toml   settings that a person may read and edit
secrets/    one secret per file, readable by the node's user only
postgres/   the embedded database (absent when the node uses a server)
blobs/      the documents, content addressed
run/        sockets and process ids of the running node
log/        one log per process
scans/      one folder per area code, into which scanners drop files (absent when there is none)
"""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY: Final = Path(__file__).resolve().parents[3]

_PORTS: Final = range(20_000, 32_000)

Settings = dict[str, Any]


class UnwritableSetting(TypeError):
    """A node setting may be a text, a number, a truth value, an instant, a list of those, or a table."""


@dataclass(frozen=True)
class NodeHome:
    """Where each thing of one node lives. `root` need not exist yet; `prepare` makes it."""

    root: Path

    @classmethod
    def current(cls) -> NodeHome:
        """The home named by CRINALE_HOME, else `var` in the repository."""
        return cls(Path(os.environ.get("CRINALE_HOME") or REPOSITORY / "var").resolve())

    @property
    def settings_file(self) -> Path:
        return self.root / "node.toml"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def blobs(self) -> Path:
        return self.root / "blobs"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "log"

    def prepare(self) -> None:
        """Make the directories of the home; secrets and data are closed to other users."""
        self.root.mkdir(parents=True, exist_ok=True)
        for directory in (self.secrets, self.blobs, self.run, self.log):
            directory.mkdir(mode=0o700, exist_ok=True)
        if self.secrets.stat().st_mode & 0o077:  # made on the way to a key, with the mode of any directory
            self.secrets.chmod(0o700)

    def settings(self) -> Settings:
        """The content of node.toml; empty when the node has none yet."""
        try:
            return tomllib.loads(self.settings_file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}

    def update_settings(self, **tables: Mapping[str, Any]) -> Settings:
        """Merge tables into node.toml (key by key within a table) and return the whole."""
        settings = self.settings()
        for name, table in tables.items():
            settings[name] = {**settings.get(name, {}), **table}
        self.root.mkdir(parents=True, exist_ok=True)
        replace_file(self.settings_file, to_toml(settings), mode=0o644)
        return settings

    def secret(self, name: str) -> str:
        """The secret of this name; made at random, 256 bits, the first time that it is asked for."""
        path = self.secrets / name
        while (known := self.existing_secret(name)) is None:
            self.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = self.secrets / f".{name}.{secrets.token_hex(8)}"
            replace_file(fresh, secrets.token_urlsafe(32) + "\n")
            # A link appears whole or not at all, and never over what another process was quicker to make.
            with contextlib.suppress(FileExistsError):
                if path.exists() and not path.stat().st_size:
                    path.unlink()
                os.link(fresh, path)
            fresh.unlink()
        return known

    def existing_secret(self, name: str) -> str | None:
        """The secret of this name, or None where the node has none: for readers that must not write."""
        try:
            return (self.secrets / name).read_text(encoding="ascii").strip() or None
        except FileNotFoundError:
            return None


def free_port() -> int:
    """A TCP port of the loopback interface that nobody listens on, and no outgoing connection will take.

    Linux gives connections their local ports from 32768 up; a listener that comes back after a restart
    would now and then find its place taken by one of them.
    """
    while True:
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


def replace_file(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Write a file so that a reader, or a crash, sees either the old content or the new, whole."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def to_toml(settings: Mapping[str, Any]) -> str:
    """Settings as TOML: plain keys first, then one section per table, tables within tables by dotted name."""
    return "\n".join(_section((), settings)).lstrip("\n") + "\n"


def _section(path: tuple[str, ...], table: Mapping[str, Any]) -> list[str]:
    plain = {key: value for key, value in table.items() if not isinstance(value, dict)}
    lines = [f"{_key(key)} = {_value(value)}" for key, value in plain.items()]
    if path and (plain or not table):
        lines = ["", f"[{'.'.join(map(_key, path))}]", *lines]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += _section((*path, key), value)
    return lines


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("-", "").replace("_", "").isalnum()
    return key if bare else _text(key)


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in escaped) + '"'


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str() | Path():
            return _text(str(value))
        case int() | float():
            return repr(value)
        case datetime() | date() | time():
            return value.isoformat()
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
    raise UnwritableSetting
