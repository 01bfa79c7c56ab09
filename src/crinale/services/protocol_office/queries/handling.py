"""Who has a registration, what each may still do with it, and its story of assignments and headings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from crinale.kernel import clock
from crinale.kernel.errors import NotVisible
from crinale.spine.protocol import queries as protocol
from crinale.spine.protocol.actions import Assignee

if TYPE_CHECKING:
    from datetime import date

    from crinale.services.protocol_office.queries.choosing import Options
    from crinale.spine.identity import Actor
    from crinale.spine.protocol.queries import RegistrationView
    from crinale.spine.protocol.views import AssignmentView
    from crinale.spine.tenancy.queries import AreaRef

ADDRESSES: Final = {
    "taken": "prendi",
    "done": "concludi",
    "forwarded": "inoltra",
    "refused": "rifiuta",
    "withdrawn": "ritira",
}
"""The last word of a step's address."""

_STATES: Final = {
    "waiting": ("wait", gettext_noop("Not taken in charge yet")),
    "taken": ("plain", gettext_noop("In charge: %(name)s")),
    "refused": ("bad", gettext_noop("Refused")),
    "forwarded": ("plain", gettext_noop("Forwarded")),
    "done": ("good", gettext_noop("Concluded")),
    "withdrawn": ("plain", gettext_noop("Taken back")),
}
_BUTTONS: Final = {
    "taken": gettext_noop("Take charge"),
    "done": gettext_noop("Conclude"),
    "forwarded": gettext_noop("Forward"),
    "refused": gettext_noop("Refuse"),
    "withdrawn": gettext_noop("Take back"),
}
_STORY: Final = {
    "taken": gettext_noop("Taken in charge (%(who)s)"),
    "refused": gettext_noop("Refused (%(who)s)"),
    "forwarded": gettext_noop("Forwarded (%(who)s)"),
    "done": gettext_noop("Concluded (%(who)s)"),
    "withdrawn": gettext_noop("Taken back (%(who)s)"),
}


@dataclass(frozen=True)
class Button:
    """A step that may be made: the plain ones at once, the others after a word."""

    label: str
    url: str
    at_once: bool
    first: bool


@dataclass(frozen=True)
class AssignmentShown:
    """One open assignment on the page of a registration."""

    who: str
    purpose: str
    tone: str
    state: str
    deadline: date | None
    overdue: bool
    note: str
    buttons: tuple[Button, ...]


def who(one: AssignmentView) -> str:
    """Name an assignee: the office, and the person when it is one."""
    return f"{one.office_name}, {one.person_name}" if one.person_name else one.office_name


def charge_words(one: RegistrationView) -> str:
    """Name who is in charge of a registration, "" when nobody is."""
    return who(one.in_charge) if one.in_charge else ""


def assignments_shown(*, actor: Actor, one: RegistrationView) -> list[AssignmentShown]:
    """Return the open assignments with what the actor may do with each."""
    return [_shown(actor, one, found) for found in one.assignments if found.state in ("waiting", "taken")]


def _shown(actor: Actor, one: RegistrationView, found: AssignmentView) -> AssignmentShown:
    known = found.purpose == "knowledge"
    tone, state = _STATES[found.state]
    steps = protocol.possible_steps(actor=actor, registration=one, assignment=found)
    return AssignmentShown(
        who=who(found),
        purpose=_("to know of it") if known else _("to act upon it"),
        tone=tone,
        state=_("Not read yet") if known else _(state) % {"name": found.taken_by_name},
        deadline=found.deadline,
        overdue=found.deadline is not None and found.deadline < clock.today(),
        note=found.note,
        buttons=tuple(
            Button(
                label=_("I have read it") if known and step == "done" else _(_BUTTONS[step]),
                url=reverse("protocol_office:assignment_step", args=[one.id, found.id, ADDRESSES[step]]),
                at_once=step == "taken" or (known and step == "done"),
                first=place == 0,
            )
            for place, step in enumerate(steps)
        ),
    )


def assignment(*, actor: Actor, one: RegistrationView, assignment_id: UUID, step: str) -> AssignmentView:
    """Return an assignment of a registration with which the actor may make a step, or might have.

    :raises NotVisible: when there is none that is his to handle.
    """
    found = next((each for each in one.assignments if each.id == assignment_id), None)
    if found is None:
        raise NotVisible
    open_one = protocol.possible_steps(actor=actor, registration=one, assignment=found)
    if not open_one and found.state in ("waiting", "taken"):
        raise NotVisible
    if step == "withdrawn" and step not in open_one and found.state in ("waiting", "taken"):
        raise NotVisible
    return found


def assignees(*, actor: Actor, area: AreaRef) -> Options:
    """Return to whom a document may be given: offices, each followed by those who work there."""
    return tuple(
        (
            f"{one.office_id}:{one.person_id}" if one.person_id else str(one.office_id),
            f"{one.office_name}: {one.person_name}" if one.person_id else one.office_name,
        )
        for one in protocol.assignee_choices(actor=actor, area_id=area.id)
    )


def assignee_named(value: str, *, knowledge: bool = False) -> Assignee:
    """Return who is meant by a value of :func:`assignees`."""
    office, _colon, person = value.partition(":")
    return Assignee(
        office_id=UUID(office),
        person_id=UUID(person) if person else None,
        purpose="knowledge" if knowledge else "action",
    )


def still_seen(*, actor: Actor, registration_id: UUID) -> bool:
    """Say whether an actor sees a registration that he may just have given away."""
    return bool(protocol.registration_views(actor=actor, registration_ids=[registration_id]))


def course(one: RegistrationView) -> list[dict[str, Any]]:
    """Assignments, what was done with them, and changes of heading, the oldest first."""
    named = {each.id: who(each) for each in one.assignments}
    told = [
        {
            "at": each.assigned_at,
            "what": (
                _("Given to know: %(office)s") if each.purpose == "knowledge" else _("Assigned to %(office)s")
            )
            % {"office": who(each)},
            "detail": each.note,
            "who": each.assigned_by_name,
        }
        for each in one.assignments
    ]
    told += [
        {
            "at": step.at,
            "what": _(_STORY[step.kind]) % {"who": named[step.assignment_id]},
            "detail": step.text,
            "who": _("%(name)s, standing in for %(absent)s")
            % {"name": step.by_name, "absent": step.on_behalf_of_name}
            if step.on_behalf_of_name
            else step.by_name,
        }
        for step in protocol.steps_of(one)
    ]
    told += [
        {
            "at": change.changed_at,
            "what": _("Classification changed from %(old)s to %(new)s")
            % {"old": change.previous.code, "new": change.current.code},
            "detail": change.reason,
            "who": change.changed_by_name,
        }
        for change in one.classification_changes
    ]
    return sorted(told, key=lambda each: each["at"] or clock.now())
