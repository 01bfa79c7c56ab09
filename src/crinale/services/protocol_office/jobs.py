"""What the protocol office does by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from crinale.kernel import clock
from crinale.services.protocol_office import actions
from crinale.spine import jobs

if TYPE_CHECKING:
    from uuid import UUID

SUBMISSIONS_KEPT: Final = timedelta(days=30)


@jobs.periodic(seconds=3600, per_body=True)
def forget_submissions(*, body_id: UUID) -> None:  # noqa: ARG001  the tick opens the scope of the body
    """Forget the forms acted upon a month ago."""
    actions.forget_submissions(before=clock.now() - SUBMISSIONS_KEPT)
