"""The schemas compiled once for each thread, and what a document has against them."""

from __future__ import annotations

import threading
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from lxml import etree

if TYPE_CHECKING:
    from lxml.etree._docloader import _InputDocument

NAMES: Final = ("segnatura_protocollo.xsd", "messaggio_protocollo.xsd", "xmldsig.xsd")
_MAX_PROBLEMS: Final = 10
_MAX_PROBLEM_LENGTH: Final = 300


class _Compiled(threading.local):
    """The log of errors belongs to the compiled schema: threads must not share it."""

    segnatura: etree.XMLSchema | None = None


_COMPILED: Final = _Compiled()


def schema_text(name: str) -> bytes:
    """Give the text of one of :data:`NAMES`, to be served beside the WSDL.

    :class:`KeyError` for other names.
    """
    if name not in NAMES:
        raise KeyError(name)
    return files(__package__ or "").joinpath(name).read_bytes()


def segnatura_problems(root: etree._Element) -> tuple[str, ...]:
    """Validate a segnatura; give what is wrong with it, at most ten lines, nothing when it is valid."""
    schema = _COMPILED.segnatura
    if schema is None:
        schema = _COMPILED.segnatura = _compile("segnatura_protocollo.xsd")
    if schema.validate(root):
        return ()
    return tuple(
        f"line {entry.line}: {entry.message}"[:_MAX_PROBLEM_LENGTH]
        for entry in list(schema.error_log)[:_MAX_PROBLEMS]
    )


class _OwnSchemas(etree.Resolver):
    """Finds the imported schemas among ours, and nowhere else."""

    def resolve(
        self, system_url: str | None, public_id: str | None, context: object, /
    ) -> _InputDocument | None:
        """Give the text of a schema of ours by the last part of its address."""
        del public_id
        name = (system_url or "").rsplit("/", 1)[-1]
        return self.resolve_string(schema_text(name), context, base_url=name)


def _compile(name: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    parser.resolvers.add(_OwnSchemas())
    return etree.XMLSchema(etree.fromstring(schema_text(name), parser, base_url=name))
