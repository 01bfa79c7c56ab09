"""Shapes: frozen dataclasses that say at once what is read, what is written and what the OpenAPI says.

A request is read into its shape or refused with every flaw that it has, each with its JSON pointer.
"""

from __future__ import annotations

import dataclasses
import re
import types
from dataclasses import MISSING, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

from django.utils.translation import gettext as _

T = TypeVar("T")

LONGEST_TEXT: Final = 2000
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
# What PostgreSQL cannot keep, or hides text from who reads it.
_UNWANTED: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FIRST_YEAR, _LAST_YEAR = 1860, 2200


@dataclass(frozen=True)
class Flaw:
    """What is wrong at a place, and what to do about it."""

    pointer: str
    detail: str
    remedy: str


class Unreadable(ValueError):
    """What was sent does not have the shape that was asked for."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__()
        self.flaws = flaws


def told(
    about: str,
    *,
    default: Any = MISSING,
    least: int | None = None,
    most: int | None = None,
    pattern: str = "",
    example: Any = None,
) -> Any:
    """Describe a field: ``least`` and ``most`` are lengths of texts and lists, values of numbers."""
    metadata = {"about": about, "least": least, "most": most, "pattern": pattern, "example": example}
    return field(default=default, metadata=metadata)


def read(shape: type[T], value: object) -> T:
    """Read a JSON value into a shape.

    :raises Unreadable: with every flaw.
    """
    flaws: list[Flaw] = []
    found: T = _read(shape, {}, value, "", flaws)
    if flaws:
        raise Unreadable(flaws)
    return found


def read_texts(shape: type[T], values: dict[str, str]) -> T:
    """Read the texts of a query or a form into a shape of texts, numbers and truths.

    :raises Unreadable: with every flaw.
    """
    hints = hints_of(cast("Any", shape))
    return read(shape, {name: _typed(hints.get(name, str), text) for name, text in values.items()})


@cache
def hints_of(shape: type) -> dict[str, Any]:
    """Return the types of a shape's fields."""
    return get_type_hints(shape)


def without_none(kind: Any) -> tuple[Any, bool]:
    """Return a type without None, and whether None was allowed."""
    if get_origin(kind) in {Union, types.UnionType}:
        others = [one for one in get_args(kind) if one is not type(None)]
        return others[0], True
    return kind, False


def as_json(value: Any) -> Any:
    """Return a shape as JSON has it; what is None is left out."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = ((one.name, getattr(value, one.name)) for one in dataclasses.fields(value))
        return {name: as_json(found) for name, found in fields if found is not None}
    if isinstance(value, tuple | list):
        return [as_json(one) for one in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _typed(kind: Any, text: str) -> object:
    wanted, _optional = without_none(kind)
    if wanted is int and re.fullmatch(r"-?[0-9]{1,15}", text):
        return int(text)
    if wanted is bool and text in {"true", "false"}:
        return text == "true"
    return text


def _read(kind: Any, limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    wanted, optional = without_none(kind)
    if value is None and optional:
        return None
    if dataclasses.is_dataclass(wanted):
        return _read_shape(wanted, value, pointer, flaws)
    if get_origin(wanted) is tuple:
        return _read_list(get_args(wanted)[0], limits, value, pointer, flaws)
    if get_origin(wanted) is Literal:
        choices = get_args(wanted)
        if not isinstance(value, str) or value not in choices:
            words = _("Choose one of %(values)s.") % {"values": ", ".join(choices)}
            flaws.append(Flaw(pointer, _("This value is not one of those that are known."), words))
        return value
    return _PLAIN[wanted](limits, value, pointer, flaws)


def _read_shape(shape: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, dict):
        flaws.append(_not_a(_("an object"), pointer))
        return None
    hints, known = hints_of(shape), {one.name: one for one in dataclasses.fields(shape)}
    before, found = len(flaws), {}
    for name in value:
        if name not in known:
            place = f"{pointer}/{_token(name)}"
            flaws += [Flaw(place, _("There is no field of this name."), _("Leave it out."))]
    for name, one in known.items():
        if name in value:
            found[name] = _read(hints[name], one.metadata, value[name], f"{pointer}/{name}", flaws)
        elif one.default is MISSING:
            flaws.append(Flaw(f"{pointer}/{name}", _("It is missing."), _("Add it.")))
    return None if len(flaws) > before else shape(**found)


def _read_list(kind: Any, limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, list):
        flaws.append(_not_a(_("a list"), pointer))
        return ()
    least, most = limits.get("least") or 0, limits.get("most")
    if len(value) < least or (most is not None and len(value) > most):
        words = _("Give %(least)s to %(most)s of them.") % {"least": least, "most": most}
        flaws.append(Flaw(pointer, _("There are too few or too many."), words))
        return ()
    return tuple(_read(kind, {}, one, f"{pointer}/{place}", flaws) for place, one in enumerate(value))


def _read_text(limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, str):
        flaws.append(_not_a(_("a text"), pointer))
        return value
    least, most = limits.get("least") or 0, limits.get("most") or LONGEST_TEXT
    pattern = limits.get("pattern")
    if _UNWANTED.search(value):
        flaws.append(Flaw(pointer, _("It holds characters that are no text."), _("Leave them out.")))
    elif not least <= len(value) <= most:
        words = _("Write %(least)s to %(most)s characters.") % {"least": least, "most": most}
        flaws.append(Flaw(pointer, _("It is too short or too long."), words))
    elif pattern and not re.fullmatch(pattern, value):
        words = _("Write it as this pattern says: %(pattern)s") % {"pattern": pattern}
        flaws.append(Flaw(pointer, _("It is not written as it should be."), words))
    return value


def _read_number(limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, int) or isinstance(value, bool):
        flaws.append(_not_a(_("a whole number"), pointer))
    elif not (limits.get("least") or 0) <= value <= (limits.get("most") or 2**31 - 1):
        words = _("Choose a number from %(least)s to %(most)s.") % {
            "least": limits.get("least") or 0,
            "most": limits.get("most") or 2**31 - 1,
        }
        flaws.append(Flaw(pointer, _("It is too small or too large."), words))
    return value


def _read_truth(_limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    if not isinstance(value, bool):
        flaws.append(_not_a(_("true or false"), pointer))
    return value


def _read_id(_limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    if isinstance(value, str) and _UUID.fullmatch(value):
        return UUID(value)
    flaws.append(_not_a(_("a UUID"), pointer))
    return None


def _read_date(_limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    found = _moment(value, _DATE, date.fromisoformat)
    if found is None:
        flaws.append(_not_a(_("a date such as 2026-11-23"), pointer))
    return found


def _read_instant(_limits: Any, value: object, pointer: str, flaws: list[Flaw]) -> Any:
    found = _moment(value, _INSTANT, datetime.fromisoformat)
    if found is None:
        flaws.append(_not_a(_("an instant such as 2026-11-23T10:15:00+01:00"), pointer))
    return found


def _moment(value: object, pattern: re.Pattern[str], parse: Any) -> Any:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        return None
    try:
        found = parse(value.upper())
    except ValueError:
        return None
    return found if _FIRST_YEAR <= found.year <= _LAST_YEAR else None


_PLAIN: Final[dict[Any, Any]] = {
    str: _read_text,
    int: _read_number,
    bool: _read_truth,
    UUID: _read_id,
    date: _read_date,
    datetime: _read_instant,
}


def _not_a(kind: str, pointer: str) -> Flaw:
    return Flaw(pointer, _("It is not %(kind)s.") % {"kind": kind}, _("Write %(kind)s.") % {"kind": kind})


def _token(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
