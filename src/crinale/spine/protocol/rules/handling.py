"""Decisions about assignments: who may do what with one, and which of them is in charge.

A document is given to somebody who acts upon it (per competenza) or who should know of it (per conoscenza);
who is responsible is always known (DPR 445/2000 art. 52 and 53, Law 241/1990 art. 5).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol, TypeVar

from crinale.kernel.errors import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date, datetime
    from uuid import UUID

PurposeName = Literal["action", "knowledge"]
StateName = Literal["waiting", "taken", "refused", "forwarded", "done", "withdrawn"]
StepName = Literal["taken", "refused", "forwarded", "done", "withdrawn"]

LONGEST_TEXT: Final = 1000
MOST_ASSIGNEES: Final = 50
OPEN: Final[frozenset[StateName]] = frozenset({"waiting", "taken"})
REVOKED: Final[frozenset[StateName]] = frozenset({"refused", "withdrawn"})
"""Whoever refused a document, or from whom it was taken away, has it no more."""

_FROM: Final[dict[StepName, frozenset[StateName]]] = {
    "taken": frozenset({"waiting"}),
    "refused": frozenset({"waiting"}),
    "forwarded": OPEN,
    "done": OPEN,
    "withdrawn": OPEN,
}
_WITH_REASON: Final = frozenset({"refused", "forwarded", "withdrawn"})


class TakenAlready(Conflict):
    """Somebody else has taken charge of it."""


class SettledAlready(Conflict):
    """This assignment is settled: nothing can be done with it any more."""


class Standing(Protocol):
    """What the decisions need of an assignment."""

    @property
    def state(self) -> str: ...
    @property
    def purpose(self) -> str: ...
    @property
    def assigned_at(self) -> datetime: ...
    @property
    def sequence(self) -> int: ...


S = TypeVar("S", bound=Standing)


def in_charge(assignments: Iterable[S]) -> S | None:
    """Return the assignment that answers for a document: the first of the newest that were made for action.

    One that is settled answers only where no open one does.
    """
    acting = [one for one in assignments if one.purpose == "action" and one.state in {*OPEN, "done"}]
    return max(acting, key=lambda one: (one.state in OPEN, one.assigned_at, -one.sequence), default=None)


def is_mine(
    *, people: Collection[UUID], offices: Collection[UUID], person_id: UUID | None, office_id: UUID
) -> bool:
    """Say whether an assignment is for one of these people, or for all who work in one of these offices."""
    return person_id in people if person_id is not None else office_id in offices


def possible_steps(*, state: str, purpose: str, mine: bool, may_assign: bool) -> tuple[StepName, ...]:
    """Return what may be done now: an assignee handles what is his, who assigns may do all of it.

    What is only to be known is not taken in charge; it is concluded by having been read.
    """
    if not (mine or may_assign):
        return ()
    steps: list[StepName] = ["taken", "done", "forwarded", "refused"]
    if purpose == "knowledge":
        steps.remove("taken")
    if may_assign:
        steps.append("withdrawn")
    return tuple(step for step in steps if state in _FROM[step])


def check_step(step: StepName, *, state: str, purpose: str, by_whom: str) -> None:
    """Refuse a step that an assignment cannot make any more.

    :param by_whom: who took it, or settled it.
    :raises TakenAlready: when somebody was quicker.
    :raises SettledAlready: when it is settled, or past that step.
    :raises Invalid: when it is not an assignment for action.
    """
    if step == "taken" and purpose == "knowledge":
        raise Invalid("purpose", "it was given only to be known: say that it was read")
    if state in _FROM[step]:
        return
    if state == "taken":
        raise TakenAlready(f"{by_whom} has taken charge of it already")
    raise SettledAlready(f"{by_whom} has settled this assignment already")


def check_text(step: StepName, text: str) -> str:
    """Return the words of a step: who refuses, forwards or withdraws says why.

    :raises Invalid: when they are missing or too long.
    """
    written = text.strip()
    if len(written) > LONGEST_TEXT:
        raise Invalid("reason", f"shorten it to {LONGEST_TEXT} characters")
    if step in _WITH_REASON and not written:
        raise Invalid("reason", f"say why, in at most {LONGEST_TEXT} characters")
    return written


def check_deadline(deadline: date | None, *, today: date) -> None:
    """Refuse a deadline that is over before the assignment begins.

    :raises Invalid: when it is a day in the past.
    """
    if deadline is not None and deadline < today:
        raise Invalid("deadline", "choose today or a later day")


def is_overdue(*, state: str, deadline: date | None, today: date) -> bool:
    """Say whether the last day has passed and nobody has finished."""
    return state in OPEN and deadline is not None and deadline < today
