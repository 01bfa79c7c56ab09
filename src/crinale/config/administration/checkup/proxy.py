"""The reverse proxy before the pages: whether the node knows, and may believe, who calls through it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from crinale.config.administration.checkup.findings import Finding, good, warning
from crinale.config.processes import WEB, NodeProcesses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crinale.config.node import NodeHome

_SUBJECT: Final = "callers' addresses"
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
# The two that every common proxy writes itself when told so; the last address of several is the proxy's own.
_WRITTEN_BY_PROXIES: Final = frozenset({"x-real-ip", "x-forwarded-for"})
_NAME: Final = re.compile(r"[!#$%&'*+.^`|~0-9A-Za-z-]+")
_SET: Final = 'set [interface] address_header = "X-Real-IP" and let the proxy write that header'


def callers_addresses(home: NodeHome) -> Iterator[Finding]:
    """Strangers are counted by an address that is theirs and that they cannot choose."""
    header = str(home.settings().get("interface", {}).get("address_header", ""))
    web = NodeProcesses(home).settings(WEB)
    proxied = bool(web.get("https"))
    if not header and not proxied:
        yield good(_SUBJECT, "of their own connection: no proxy is set up")
    elif not header:
        seen = "all that comes through the proxy counts as one caller: one stranger keeps the others out"
        yield warning(_SUBJECT, seen, _SET)
    elif not _NAME.fullmatch(header):
        yield warning(_SUBJECT, f"{header} is not the name of a header", _SET)
    elif web["host"] not in _LOOPBACK:
        seen = f"whoever reaches {web['host']} past the proxy may write {header} himself"
        yield warning(_SUBJECT, seen, 'set [web] host = "127.0.0.1", where the proxy calls')
    elif not proxied:
        seen = f"no proxy is set up: any caller may write {header} himself"
        yield warning(_SUBJECT, seen, "take [interface] address_header away, or set [web] https = true")
    elif header.lower() not in _WRITTEN_BY_PROXIES:
        yield warning(_SUBJECT, f"proxies pass {header} on as the caller wrote it", _SET)
    else:
        yield good(_SUBJECT, f"as the proxy writes them in {header}")
