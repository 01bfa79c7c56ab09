"""The JSON Schemas (2020-12) of shapes, for the OpenAPI document."""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING
from datetime import date, datetime
from typing import Any, Final, Literal, get_args, get_origin
from uuid import UUID

from crinale.services.program_interface.http.shapes import LONGEST_TEXT, as_json, hints_of, without_none

_PLAIN: Final[dict[Any, dict[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    bool: {"type": "boolean"},
    UUID: {"type": "string", "format": "uuid"},
    date: {"type": "string", "format": "date"},
    datetime: {"type": "string", "format": "date-time"},
}


class Schemas:
    """The schemas of one document; each shape stands once, under its name."""

    def __init__(self) -> None:
        """Begin with none."""
        self.components: dict[str, Any] = {}

    def reference(self, shape: Any) -> dict[str, str]:
        """Return a reference to a shape, which is described in ``components``."""
        if shape.__name__ not in self.components:
            self.components[shape.__name__] = {}
            self.components[shape.__name__] = self._shape(shape)
        return {"$ref": f"#/components/schemas/{shape.__name__}"}

    def of_field(self, kind: Any, metadata: Any, default: Any = MISSING) -> dict[str, Any]:
        """Describe a field."""
        wanted, optional = without_none(kind)
        found = self._kind(wanted, metadata)
        if optional and not dataclasses.is_dataclass(wanted) and "type" in found:
            found = {**found, "type": [found["type"], "null"]}
        if metadata.get("about"):
            found = {**found, "description": metadata["about"]}
        if metadata.get("example") is not None:
            found = {**found, "examples": [metadata["example"]]}
        if default is not MISSING and default not in {None, ()}:
            found = {**found, "default": as_json(default)}
        return found

    def _shape(self, shape: Any) -> dict[str, Any]:
        hints = hints_of(shape)
        fields = dataclasses.fields(shape)
        described: dict[str, Any] = {
            "type": "object",
            "description": " ".join((shape.__doc__ or "").split()),
            "properties": {
                one.name: self.of_field(hints[one.name], one.metadata, one.default) for one in fields
            },
            "additionalProperties": False,
        }
        if required := [one.name for one in fields if one.default is MISSING]:
            described["required"] = required
        return described

    def _kind(self, wanted: Any, metadata: Any) -> dict[str, Any]:
        least, most = metadata.get("least"), metadata.get("most")
        if dataclasses.is_dataclass(wanted):
            return self.reference(wanted)
        if get_origin(wanted) is tuple:
            found = {"type": "array", "items": self.of_field(get_args(wanted)[0], {})}
            return _bounded(found, "minItems", least, "maxItems", most)
        if get_origin(wanted) is Literal:
            return {"type": "string", "enum": list(get_args(wanted))}
        found = dict(_PLAIN[wanted])
        if wanted is str:
            found = _bounded(found, "minLength", least, "maxLength", most or LONGEST_TEXT)
            if metadata.get("pattern"):
                found["pattern"] = f"^{metadata['pattern']}$"
        if wanted is int:
            found = _bounded(found, "minimum", least or 0, "maximum", most or 2**31 - 1)
        return found


def _bounded(found: dict[str, Any], low: str, least: Any, high: str, most: Any) -> dict[str, Any]:
    limits = {low: least, high: most}
    return {**found, **{name: limit for name, limit in limits.items() if limit is not None}}
