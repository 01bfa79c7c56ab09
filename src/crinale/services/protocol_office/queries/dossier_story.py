"""The story of a dossier in words: what happened to it, with both values of what was changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crinale.services.protocol_office.queries.dossier_words import PHASES, VISIBILITIES
from crinale.spine.records import queries as records
from crinale.spine.records.queries import PERMANENT

if TYPE_CHECKING:
    from datetime import datetime

    from crinale.spine.identity import Actor
    from crinale.spine.records.queries import DossierRef

_STORY: Final = {
    "opened": gettext_lazy("Opened"),
    "changed": gettext_lazy("Data changed"),
    "closed": gettext_lazy("Closed"),
    "reopened": gettext_lazy("Opened again"),
    "shown": gettext_lazy("Shown to others than before"),
}
_FIELDS: Final = {
    "office": gettext_lazy("Office in charge"),
    "responsible_name": gettext_lazy("Official responsible"),
    "subjects": gettext_lazy("To whom it belongs"),
    "procedure": gettext_lazy("Procedure"),
    "description": gettext_lazy("Description"),
    "keywords": gettext_lazy("Keywords"),
    "retention_years": gettext_lazy("Retention"),
    "position": gettext_lazy("Physical position"),
    "note": gettext_lazy("Notes"),
}


@dataclass(frozen=True)
class ChangedValue:
    """Both values of something that was changed, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class StoryStep:
    """Something that happened to a dossier, in words."""

    what: str
    detail: str
    at: datetime
    who: str
    changes: tuple[ChangedValue, ...] = ()


def story_of(*, actor: Actor, one: DossierRef) -> list[StoryStep]:
    """Return what happened to a dossier, the first thing first."""
    return [
        StoryStep(
            str(_STORY[step.kind]),
            _detail(step.reason, step.before),
            step.at,
            step.by_name,
            _changes(step.before, step.after),
        )
        for step in records.dossier_steps(actor=actor, dossier_id=one.id)
    ]


def _detail(reason: str, before: dict[str, Any]) -> str:
    if "visibility" in before:
        was = str(dict(VISIBILITIES)[before["visibility"]])
        names = f" ({', '.join(before['readers'])})" if before.get("readers") else ""
        return _("%(reason)s. Before: %(was)s") % {"reason": reason.rstrip("."), "was": f"{was}{names}"}
    return reason


def _changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[ChangedValue, ...]:
    return tuple(
        ChangedValue(str(label), _words(name, before[name]), _words(name, after[name]))
        for name, label in _FIELDS.items()
        if name in after
    )


def _words(name: str, value: Any) -> str:
    if not value:
        return _("nothing")
    if name == "keywords":
        return ", ".join(value)
    if name == "subjects":
        return ", ".join(f"{one['name']} {one['code']}".strip() for one in value)
    if name == "retention_years":
        if value == PERMANENT:
            return _("For ever")
        return ngettext("%(n)s year", "%(n)s years", value) % {"n": value}
    return _procedure(value) if name == "procedure" else str(value)


def _procedure(value: dict[str, Any]) -> str:
    days = [date.fromisoformat(day) for name in ("started_on", "ended_on") if (day := value.get(name))]
    parts = (
        value["name"],
        value.get("catalogue", ""),
        str(dict(PHASES)[value["phase"]]),
        *(date_format(day, "SHORT_DATE_FORMAT") for day in days),
    )
    return ", ".join(part for part in parts if part)
