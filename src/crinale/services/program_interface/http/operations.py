"""Operations as data: what validates a request is what the OpenAPI document tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal

from crinale.kernel import clock
from crinale.spine.identity import GrantRef
from crinale.spine.identity.programs import role_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from crinale.spine.identity import Actor
    from crinale.spine.identity.programs import Bearer
    from crinale.spine.tenancy.queries import AreaRef

AREA: Final = "/api/v1/aoo/{aoo_code}"
JSON: Final = "application/json"


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that was let in: who asks, for which area, with what it sent, read and checked.

    ``made`` is what a request with the same Idempotency-Key made before.
    """

    request: HttpRequest
    bearer: Bearer
    area: AreaRef
    ids: Mapping[str, Any]
    query: Any = None
    body: Any = None
    files: Sequence[UploadedFile[Any]] = ()
    made: UUID | None = None

    @property
    def actor(self) -> Actor:
        """The program as the actor of what it asks."""
        return self.bearer.actor

    @property
    def author(self) -> Actor:
        """The program as it may see what it has just made, also where it may read nothing else."""
        now = clock.now()
        own = (
            GrantRef(body_id=self.area.body_id, area_id=self.area.id, role=role_of(scope), valid_from=now)
            for scope in ("protocol.read", "protocol.read_confidential")
        )
        return replace(self.actor, grants=(*self.actor.grants, *own))

    def address(self, path: str) -> str:
        """Return the address of something in the area."""
        return AREA.replace("{aoo_code}", self.area.code) + path


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that is a shape; ``location`` is where it will be found, ``made`` what it is."""

    content: Any = None
    location: str = ""
    made: UUID | None = None


Run = Callable[[Call], "Reply | HttpResponseBase"]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one address. ``kind`` is the media type of the answer, ``takes`` those of the request.

    ``again`` reads the answer anew when a request comes a second time with its Idempotency-Key.
    """

    name: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    summary: str
    run: Run
    scope: str = ""
    about: str = ""
    status: int = 200
    answers: Any = None
    kind: str = JSON
    query: Any = None
    body: Any = None
    takes: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    key: Literal["", "optional", "required"] = ""
    again: Run | None = None
    statuses: tuple[int, ...] = ()
    public: bool = False

    @property
    def changes(self) -> bool:
        """Whether it runs in a transaction that an Idempotency-Key may make happen once."""
        return bool(self.key)
