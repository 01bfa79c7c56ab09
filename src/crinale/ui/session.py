"""Who is signed in, since when, for which area: what the session keeps and when it ends.

A session ends after 30 minutes without a request, and 8 hours after the sign-in whatever happens.
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
_KEY = "staff"


class StaffRequest(HttpRequest):
    """A request of a person of the staff, as the middleware prepares it for the views."""

    actor: Actor
    area: AreaRef
    shell: Shell


@dataclass(frozen=True)
class StaffSession:
    """What the session says: the person, the area chosen (if any), when it began and was last used."""

    person_id: UUID
    area_id: UUID | None
    began: datetime
    used: datetime

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


def begin(session: SessionBase, person_id: UUID) -> None:
    """Start the session of a person who has just proved who he is; the key changes (session fixation)."""
    session.flush()
    now = clock.now().isoformat()
    session[_KEY] = {"person": str(person_id), "area": None, "began": now, "used": now}
    session.set_expiry(int(ABSOLUTE.total_seconds()))


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
        area_id=UUID(kept["area"]) if kept["area"] else None,
        began=datetime.fromisoformat(kept["began"]),
        used=datetime.fromisoformat(kept["used"]),
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
