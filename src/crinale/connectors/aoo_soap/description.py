"""The WSDLs and schemas that a foreign client reads: our text, the names of Allegato 6, our address."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from pathlib import PurePosixPath
from string import Template
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from crinale.spine.protocol.schemas.validation import NAMES, schema_text

if TYPE_CHECKING:
    from crinale.connectors.aoo_soap.operations import Role

_LOCATION: Final = re.compile(r"""schemaLocation\s*=\s*["']([^"']+)["']""")


def wsdl(role: Role, location: str) -> bytes:
    """The WSDL of one interface, answering at ``location``."""
    return Template(_wsdl(role)).substitute(location=escape(location, {'"': "&quot;"})).encode()


@lru_cache
def _wsdl(role: Role) -> str:
    return files(__package__).joinpath("wsdl", f"protocollo-{role}.wsdl").read_text(encoding="utf-8")


@lru_cache(maxsize=len(NAMES))
def schema(name: str) -> bytes | None:
    """A schema by its file name, whose imports lead back to this server; None if there is no such."""
    if name not in NAMES:
        return None
    text = schema_text(name).decode()
    return _LOCATION.sub(lambda found: f'schemaLocation="?xsd={PurePosixPath(found[1]).name}"', text).encode()
