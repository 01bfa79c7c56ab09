"""Pictures of everything that somebody sees: every address that he can reach, and what it answers.

A picture follows each address that an answer names, so a page that is added tomorrow is in it. Nothing is
passed over because it changes: what is signed is opened, what is packed is unpacked, and only what has no
meaning at all (tokens against forged forms) is left out.
"""

from __future__ import annotations

import difflib
import html
import io
import json
import re
import zipfile
import zlib
from collections import Counter, deque
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from django.core import signing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crinale.services.program_interface.tests.callers import Caller

Picture = dict[str, str]
# What an address is of, and what is made anew whenever it is asked for: no other identifier is hidden.
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# The log answers who looks for misuse: it tells the number of what was made, read, annulled, and every look
# at these very pages. It is looked at by itself.
LOG = "/console/attivita"
ELSEWHERE = ("/static/", "/lingua", "/esci", "/api/", LOG)
_ID = re.compile(UUID)
_MOST = 2000
_NAMED = re.compile(r'(?:href|src|action|hx-get|hx-post)="([^"#]+)')
_TOLD = ("Location", "Content-Type", "Content-Disposition", "ETag", "Content-Length")
# The token against forged forms, and the one that lets a form register once.
_MADE_ANEW = re.compile(r'(name="(?:csrfmiddlewaretoken|token|[a-z-]+-token)" value=")[^"]*')
_SIGNED = re.compile(r'value="(\.?[\w-]+):[\w-]+:[\w-]{20,}"')
# The file that this very request brought, and what it made.
_OWN_FILE = re.compile(rf'("document": ?"|drop-file:){UUID}')
_OWN_MADE = re.compile(rf"^(ETag: .*|Location: /protocollo/registrazioni/){UUID}", re.MULTILINE)


def pages(browser: Any, begin: Iterable[str], *, alike: int = _MOST) -> Picture:
    """Walk every page from some addresses on, without sending any form; at most so many of things alike."""
    found: Picture = {}
    waiting = deque(begin)
    kinds: Counter[str] = Counter()
    while waiting:
        address = waiting.popleft()
        kind = _ID.sub("", address.partition("?")[0])
        if address in found or kinds[kind] == alike:
            continue
        kinds[kind] += 1
        answer = browser.get(address)
        found[address] = shown(answer)
        assert len(found) < _MOST, "the walk does not come to an end"
        if answer.status_code in (301, 302):
            waiting.append(urljoin(address, answer["Location"]))
        elif answer.get("Content-Type", "").startswith("text/html"):
            waiting.extend(_addresses(address, found[address]))
    return found


def shown(answer: Any) -> str:
    """Write an answer as text, without what is made anew for each."""
    body = answer.getvalue() if answer.streaming else answer.content
    told = "".join(f"{name}: {answer[name]}\n" for name in _TOLD if _says(name, answer))
    text = _unpacked(body) if body.startswith(b"PK") else body.decode("utf-8", "backslashreplace")
    text = _OWN_FILE.sub(r"\1", text)
    text = _SIGNED.sub(_opened, _MADE_ANEW.sub(r"\1", text))
    return f"{answer.status_code}\n" + _OWN_MADE.sub(r"\1", told) + text


def interface(caller: Caller, texts: Iterable[str], digests: Iterable[str]) -> Picture:
    """Ask all that a program may read: lists, searches, each thing in them, documents by their digest."""
    found: Picture = {}
    waiting = deque(
        ["/registrations?limit=2", "/dossiers?limit=2", "/filing-plan", "/offices", "/subscriptions"]
    )
    for text in texts:
        waiting.extend((f"/registrations?limit=2&text={text}", f"/dossiers?text={text}"))
    waiting.extend(("/registrations?limit=2&direction=incoming", "/registrations?limit=2&year=2020"))
    while waiting:
        path = waiting.popleft()
        if path in found:
            continue
        answer = caller.ask("GET", path)
        found[path] = shown(answer)
        assert len(found) < _MOST, "the walk does not come to an end"
        if answer.status_code == 200 and answer["Content-Type"] == "application/json":
            waiting.extend(_things(path, answer.json()))
    for digest in digests:
        for method in ("HEAD", "GET"):
            answer = caller.ask(method, f"/documents/{digest}", If_Match="*")
            found[f"{method} {digest}"] = shown(answer)
    return found


def differences(before: Mapping[str, Picture], after: Mapping[str, Picture]) -> str:
    """Say how pictures differ, who sees it and where; empty when they do not."""
    told: list[str] = []
    for who, former in before.items():
        now = after[who]
        told += [f"{who}: only before {address}" for address in sorted(former.keys() - now.keys())]
        told += [f"{who}: only after {address}" for address in sorted(now.keys() - former.keys())]
        for address in sorted(former.keys() & now.keys()):
            if former[address] != now[address]:
                told.append(f"{who}: {address}")
                lines = difflib.unified_diff(_lines(former[address]), _lines(now[address]), lineterm="", n=0)
                told += [f"    {line[:400]}" for line in list(lines)[2:]]
    return "\n".join(told)


def _addresses(at: str, page: str) -> Iterator[str]:
    for one in dict.fromkeys(_NAMED.findall(page)):
        address = urljoin(at, html.unescape(one))
        if address.startswith("/") and not address.startswith(("//", *ELSEWHERE)):
            yield address


def _things(path: str, content: dict[str, Any]) -> Iterator[str]:
    base, _mark, query = path.partition("?")
    if content.get("next"):
        kept = re.sub(r"&cursor=[^&]*", "", query)
        yield f"{base}?{kept}&cursor={content['next']}"
    for one in content.get("items", ()):
        if "registration_id" in one:
            at = f"/registrations/{one['registration_id']}"
            yield from (at, f"{at}/segnatura", f"{at}/segnatura?origin=received", f"{at}/messages")
        elif "dossier_id" in one:
            yield f"/dossiers/{one['dossier_id']}"
        elif "subscription_id" in one:
            at = f"/subscriptions/{one['subscription_id']}"
            yield at


def _says(name: str, answer: Any) -> bool:
    """Leave out the length of what is opened or unpacked: that itself is compared."""
    opened = answer.get("Content-Type", "").startswith(("text/html", "application/vnd.oasis"))
    return name in answer and not (name == "Content-Length" and opened)


def _opened(found: re.Match[str]) -> str:
    """Show what a signed value says, in place of when it was signed."""
    packed = found[1].startswith(".")
    data = signing.b64_decode(found[1].removeprefix(".").encode())
    text = (zlib.decompress(data) if packed else data).decode()
    return 'value="' + _OWN_FILE.sub(r"\1", text) + '"'


def _unpacked(body: bytes) -> str:
    """Show the files of an archive, in place of when they were put in."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = sorted(archive.namelist())
        return "\n".join(f"{one}\n{archive.read(one).decode('utf-8', 'backslashreplace')}" for one in names)


def _lines(text: str) -> list[str]:
    try:
        return json.dumps(json.loads(text.rpartition("\n")[2]), indent=1, ensure_ascii=False).splitlines()
    except ValueError:
        return re.sub(r"(</(?:tr|li|p|h1|h2|dd|option|section|a)>)", "\\1\n", text).splitlines()
