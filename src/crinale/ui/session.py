"""Who is signed in, since when, for which area: what the session keeps and when it ends.

A session ends after 30 minutes without a request, and 8 hours after the sign-in whatever happens. Before it
begins, who has a second factor is half signed in for ten minutes; what protects an account is changed only by
who proved who he is within the last ten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from django.http import HttpRequest

from crinale.kernel import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.sessions.backends.base import SessionBase

    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef
    from crinale.ui.shell import Shell

View = TypeVar("View", bound="Callable[..., object]")

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=8)
_TOUCH_EVERY = timedelta(seconds=60)  # one write of the session row a minute is enough to know that it lives
# What a page may count on: the session row may say that the last use was up to a minute earlier than it was.
SURE_IDLE = IDLE - _TOUCH_EVERY
HALF = timedelta(minutes=10)
SURE = timedelta(minutes=10)
_KEY = "staff"
_HALF = "staff_half"


class StaffRequest(HttpRequest):
    """A request of a person of the staff, as the middleware prepares it for the views."""

    actor: Actor
    area: AreaRef
    shell: Shell
    staff_session: StaffSession


@dataclass(frozen=True)
class StaffSession:
    """What the session says: the person, the area chosen (if any), when it began and was last used.

    ``second``: he showed a second factor. ``only_body``: the one body whose own sign-in vouched for him.
    ``proved``: when he last showed who he is. ``series``: sessions of an earlier one were ended.
    """

    person_id: UUID
    area_id: UUID | None
    began: datetime
    used: datetime
    series: int
    second: bool
    only_body: UUID | None
    proved: datetime

    @property
    def sure(self) -> bool:
        """Whether the person proved who he is a moment ago."""
        return clock.now() - self.proved <= SURE

    @property
    def ends(self) -> datetime:
        """When the session ends, however busy it is."""
        return self.began + ABSOLUTE

    @property
    def outlived(self) -> bool:
        """Whether the sign-in is too old, however busy the session is."""
        return clock.now() > self.ends

    @property
    def expired(self) -> bool:
        """Whether one of the two terms has passed."""
        return self.outlived or clock.now() - self.used > IDLE


@dataclass(frozen=True, kw_only=True)
class HalfSession:
    """Who gave the right password, or comes from his body's sign-in, and owes a second factor."""

    person_id: UUID
    series: int
    only_body: UUID | None
    began: datetime


def begin(
    session: SessionBase,
    person_id: UUID,
    *,
    series: int = 0,
    second: bool = False,
    only_body: UUID | None = None,
) -> None:
    """Start the session of a person who has just proved who he is; the key changes (session fixation)."""
    session.flush()
    now = clock.now().isoformat()
    session[_KEY] = {
        "person": str(person_id),
        "area": None,
        "began": now,
        "used": now,
        "series": series,
        "second": second,
        "only_body": str(only_body) if only_body else None,
        "proved": now,
    }
    session.set_expiry(int(ABSOLUTE.total_seconds()))


def begin_half(session: SessionBase, person_id: UUID, *, series: int, only_body: UUID | None = None) -> None:
    """Remember who still owes a second factor; nobody is signed in."""
    session.flush()
    session[_HALF] = {
        "person": str(person_id),
        "series": series,
        "only_body": str(only_body) if only_body else None,
        "began": clock.now().isoformat(),
    }
    session.set_expiry(int(HALF.total_seconds()))


def read_half(session: SessionBase) -> HalfSession | None:
    """Return who owes a second factor; nothing when nobody does, or the time for it has passed."""
    kept = session.get(_HALF)
    if not isinstance(kept, dict):
        return None
    half = HalfSession(
        person_id=UUID(kept["person"]),
        series=kept["series"],
        only_body=_uuid(kept["only_body"]),
        began=datetime.fromisoformat(kept["began"]),
    )
    return half if clock.now() - half.began <= HALF else None


def proved_again(session: SessionBase) -> None:
    """Note that the person has just proved again who he is."""
    session[_KEY] = {**session[_KEY], "proved": clock.now().isoformat()}


def showed_second(session: SessionBase) -> None:
    """Note that the person has just shown a second factor, by setting it up."""
    session[_KEY] = {**session[_KEY], "second": True}


def go_on_in(session: SessionBase, series: int) -> None:
    """Go on while all other sessions of the person end."""
    session[_KEY] = {**session[_KEY], "series": series}


def choose_area(session: SessionBase, area_id: UUID) -> None:
    """Work for this area from now on."""
    session[_KEY] = {**session[_KEY], "area": str(area_id)}


def end(session: SessionBase) -> None:
    """Forget everything."""
    session.flush()


def read(session: SessionBase) -> StaffSession | None:
    """Return what the session says, nothing when nobody is signed in."""
    kept = session.get(_KEY)
    if not isinstance(kept, dict):
        return None
    return StaffSession(
        person_id=UUID(kept["person"]),
        area_id=_uuid(kept["area"]),
        began=datetime.fromisoformat(kept["began"]),
        used=datetime.fromisoformat(kept["used"]),
        series=kept.get("series", 0),
        second=kept.get("second", False),
        only_body=_uuid(kept.get("only_body")),
        proved=datetime.fromisoformat(kept.get("proved") or kept["began"]),
    )


def touch(session: SessionBase, current: StaffSession) -> None:
    """Note that the session is in use."""
    now = clock.now()
    if now - current.used >= _TOUCH_EVERY:
        session[_KEY] = {**session[_KEY], "used": now.isoformat()}


def public(view: View) -> View:
    """Mark a view that needs no sign-in; every other view of the pages does."""
    view.public = True  # type: ignore[attr-defined]
    return view


def without_area(view: View) -> View:
    """Mark a view for the staff that needs no area chosen."""
    view.without_area = True  # type: ignore[attr-defined]
    return view


def without_second_factor(view: View) -> View:
    """Mark a view that who owes a second factor may see: it shows nothing of the body."""
    view.without_second_factor = True  # type: ignore[attr-defined]
    return view


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
