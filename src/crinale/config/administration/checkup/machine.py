"""The machine under the node: its home, disk and clock, and whether the listeners answer."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from typing import TYPE_CHECKING, Final

from crinale.config.administration.checkup.findings import Finding, bad, good, warning
from crinale.config.processes import MACHINE, WEB, NodeProcesses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome

_GIGABYTE: Final = 1 << 30
_LITTLE_ROOM: Final = 5 * _GIGABYTE
_NO_ROOM: Final = _GIGABYTE


def home_folder(home: NodeHome) -> Iterator[Finding]:
    """Settings are there; nobody else reads the secrets."""
    if not home.settings_file.is_file():
        yield bad("home", f"{home.root} is not the home of a node", "set CRINALE_HOME, then: crinale setup")
        return
    open_to_others = [
        path
        for path in (home.secrets, *home.secrets.rglob("*"))
        if path.exists() and path.stat().st_mode & (0o077 if path == home.secrets or path.is_file() else 0)
    ]
    if open_to_others:
        names = ", ".join(str(path) for path in open_to_others[:5])
        yield bad("secrets", f"other users may read {names}", f"chmod -R go= {home.secrets}")
    else:
        yield good("home", f"{home.root}; its secrets are closed to others")


def documents_folder(home: NodeHome) -> Iterator[Finding]:
    """A document can be written."""
    try:
        home.blobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home.blobs) as probe:
            probe.write(b"probe")
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        yield bad("documents", f"{home.blobs} cannot be written: {error}", "give it to the node's user")
    else:
        yield good("documents", f"{home.blobs} can be written")


def disk(home: NodeHome) -> Iterator[Finding]:
    """There is room."""
    usage = shutil.disk_usage(home.root if home.root.exists() else home.root.parent)
    seen = f"{usage.free / _GIGABYTE:.1f} GB free of {usage.total / _GIGABYTE:.0f}"
    if usage.free < _NO_ROOM:
        yield bad("disk", seen, "make room now: a full disk stops the database")
    elif usage.free < _LITTLE_ROOM:
        yield warning("disk", seen, "make room, or give the node a larger disk")
    else:
        yield good("disk", seen)


def clock_of_machine(_home: NodeHome) -> Iterator[Finding]:
    """Registrations carry the time of this machine (DPR 445/2000 art. 53), so it follows the common one."""
    said = ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(
            ["timedatectl", "show", "--property", "NTPSynchronized", "--value"],
            check=True,
            capture_output=True,
            text=True,
            timeout=5,
        ).stdout.strip()
    if said == "yes":
        yield good("clock", "it follows the network's time")
    else:
        seen = (
            "it does not follow the network's time"
            if said == "no"
            else "nobody here says whether it is right"
        )
        yield warning("clock", seen, "apt install systemd-timesyncd (or chrony), and check `timedatectl`")


def listeners(home: NodeHome) -> Iterator[Finding]:
    """The pages, and the machine interfaces, accept connections."""
    node = NodeProcesses(home)
    names = node.listeners()
    for name in names:
        host, port = node.host_and_port(name)
        local = "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104  compared
        try:
            socket.create_connection((local, port), timeout=3).close()
        except OSError as error:
            yield bad(
                f"listener {name}", f"{local}:{port}: {error}", f"see {home.log / name}.log; crinale run"
            )
        else:
            yield good(f"listener {name}", f"{local}:{port} answers")
    if MACHINE not in names:
        remedy = "crinale keys request tls, keys install tls, keys trust add, then restart the node"
        yield bad(f"listener {MACHINE}", "it has no certificate: no other node can reach this one", remedy)
    settings = node.settings(WEB)
    if settings["host"] not in {"127.0.0.1", "::1", "localhost"}:
        remedy = 'put a reverse proxy with TLS in front and set [web] host = "127.0.0.1"'
        yield warning("pages", f"they listen on {settings['host']} without TLS", remedy)
    if not settings.get("https") and "demonstration" not in home.settings():
        remedy = "behind a reverse proxy with TLS set [web] https = true, hosts and origins"
        yield warning("pages", "their cookies do not insist on HTTPS", remedy)
