"""Files chosen while composing: stored at once as documents of the body, carried as signed tokens.

So a file is uploaded once, whatever else must still be put right on the page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.core import signing
from django.utils.translation import gettext as _

from crinale.kernel.errors import Invalid, NotVisible
from crinale.services.protocol_office import actions, scanning
from crinale.services.protocol_office.queries import Findings, kind_of_file
from crinale.spine.protocol.queries import EnclosureData
from crinale.spine.records.blobs import TooLarge
from crinale.ui.sentences import said

if TYPE_CHECKING:
    from typing import BinaryIO

    from django.core.files.uploadedfile import UploadedFile

    from crinale.services.protocol_office.scanning import Scan
    from crinale.spine.identity import Actor
    from crinale.spine.tenancy.queries import AreaRef
    from crinale.ui.session import StaffRequest

_SALT = "protocol_office.file"
_LIMIT = 100
_HOURS = 8  # as long as a session can last


@dataclass(frozen=True)
class KeptFile:
    """A file that the node already holds."""

    document_id: UUID
    name: str
    size: int
    media_type: str
    token: str
    findings: Findings
    sha256: str = ""
    scan: str = ""  # the key of the scan that it is

    @property
    def kind(self) -> str:
        """The kind of file as people name it."""
        return kind_of_file(self.media_type)

    @property
    def key(self) -> str:
        """What tells this file from the others on the page."""
        return str(self.document_id)


@dataclass
class FileDesk:
    """The part of the page where files are chosen."""

    actor: Actor
    several: bool = True
    primary: KeptFile | None = None
    attachments: list[KeptFile] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    primary_refused: bool = False
    done: list[str] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)

    @classmethod
    def read(cls, request: StaffRequest, *, several: bool = True) -> FileDesk:
        """Read the files kept before, and store the ones that came with this request."""
        desk = cls(actor=request.actor, several=several)
        desk._read_primary(request)
        for token in request.POST.getlist("attachment_kept")[:_LIMIT]:
            if kept := desk._reopen(token):
                desk.attachments.append(kept)
        for one in request.FILES.getlist("attachments") if several else ():
            if desk._has_room(one) and (kept := desk._store(one)):
                desk.attachments.append(kept)
        return desk

    def _read_primary(self, request: StaffRequest) -> None:
        uploaded, token = request.FILES.get("primary"), request.POST.get("primary_kept", "")
        if uploaded:
            self.primary = self._store(uploaded)
        if self.primary is None and token:
            self.primary = self._reopen(token)
        self.primary_refused = self.primary is None and bool(uploaded or token)

    def _has_room(self, uploaded: UploadedFile[Any]) -> bool:
        if len(self.attachments) < _LIMIT:
            return True
        limit = _("%(name)s: a document has at most %(limit)d attachments.")
        self.errors.append(limit % {"name": uploaded.name, "limit": _LIMIT})
        return False

    @property
    def announcement(self) -> str:
        """What is said aloud: first what went wrong, then what was done."""
        return " ".join((*self.errors, *self.done))

    def drop(self, action: str) -> None:
        """Forget the file that a button ``drop-file:KEY`` names."""
        verb, _colon, key = action.partition(":")
        if verb != "drop-file":
            return
        if self.primary and self.primary.key == key:
            self.primary = None
        self.attachments = [one for one in self.attachments if one.key != key]
        self.done.append(_("File removed"))

    @property
    def chosen(self) -> list[KeptFile]:
        """Every file, the primary document first."""
        return ([self.primary] if self.primary else []) + self.attachments

    def enclosures(self) -> list[EnclosureData]:
        """Return what is registered, the primary document first."""
        return [EnclosureData(document_id=one.document_id) for one in self.chosen]

    def offer_scans(self, area: AreaRef, action: str = "") -> None:
        """Offer what scanners dropped for the area; take the one that a button ``take:KEY`` names."""
        verb, _colon, key = action.partition(":")
        if verb == "take" and key not in {one.scan for one in self.chosen}:
            self._take(area, key)
        taken = {one.scan for one in self.chosen}
        self.scans = [one for one in scanning.scans(area) if one.key not in taken]

    def _take(self, area: AreaRef, key: str) -> None:
        try:
            scan, stream = scanning.open_scan(area, key)
        except NotVisible:
            self.errors.append(
                _("The scan is not there any more, or still arriving: look at the list again.")
            )
            return
        with stream:
            kept = self._keep(scan.name, stream, declared_type=None, scan=key)
        if kept is None:
            return
        if self.primary is None:
            self.primary, self.primary_refused = kept, False
        else:
            self.attachments.append(kept)

    def put_scans_aside(self, area: AreaRef) -> list[str]:
        """Move the scans that were registered out of the way; return the names of those that stayed."""
        return scanning.put_aside(area, [one.scan for one in self.chosen if one.scan])

    def _store(self, uploaded: UploadedFile[Any]) -> KeptFile | None:
        name = uploaded.name or "documento"
        return self._keep(name, cast("BinaryIO", uploaded), declared_type=uploaded.content_type)

    def _keep(
        self, name: str, stream: BinaryIO, *, declared_type: str | None, scan: str = ""
    ) -> KeptFile | None:
        try:
            stored = actions.keep_file(
                actor=self.actor, file_name=name, stream=stream, declared_type=declared_type
            )
        except Invalid as error:
            self._refuse(name, error.remedy)
            return None
        except TooLarge as error:
            self._refuse(name, str(error))
            return None
        found = Findings.of(stored.metadata)
        kept = _("Kept: %(name)s") % {"name": stored.file_name}
        advice = (_("Look at it:"), *found.sentences) if found.problems else ()
        self.done.append(" ".join((f"{kept}.", *advice)))
        fields: dict[str, Any] = {
            "document": str(stored.id),
            "name": stored.file_name,
            "size": stored.size,
            "type": stored.media_type,
            "person": str(self.actor.person_id),
            "findings": [found.problems, found.signed, found.time_stamped],
            "sha256": stored.sha256,
            "scan": scan,
        }
        return self._kept(fields, signing.dumps(fields, salt=_SALT))

    def _refuse(self, name: str, why: str) -> None:
        self.errors.append(f"{name}: {said(why)}".rstrip(".") + ".")

    def _reopen(self, token: str) -> KeptFile | None:
        """Take a token only from the person who uploaded the file, within the life of a session."""
        fields: dict[str, Any] = {}
        try:
            fields = signing.loads(token, salt=_SALT, max_age=_HOURS * 3600)
        except signing.SignatureExpired:
            self._miss(signing.loads(token, salt=_SALT))
            return None
        except signing.BadSignature:
            pass
        if self._is_mine(fields):
            return self._kept(fields, token)
        self._miss({})
        return None

    def _is_mine(self, fields: dict[str, Any]) -> bool:
        return bool(fields and fields["person"] == str(self.actor.person_id))

    def _miss(self, fields: dict[str, Any]) -> None:
        """Say that a file must be chosen again; its name is told only to who uploaded it."""
        if self._is_mine(fields):
            again = _("%(name)s was chosen more than %(hours)d hours ago: choose it again.")
            self.errors.append(again % {"name": fields["name"], "hours": _HOURS})
        else:
            self.errors.append(_("A file chosen before is no longer on this page: choose it again."))

    @staticmethod
    def _kept(fields: dict[str, Any], token: str) -> KeptFile:
        problems, signed, time_stamped = fields["findings"]
        return KeptFile(
            document_id=UUID(fields["document"]),
            name=fields["name"],
            size=fields["size"],
            media_type=fields["type"],
            token=token,
            findings=Findings(tuple(problems), signed=signed, time_stamped=time_stamped),
            sha256=fields.get("sha256", ""),
            scan=fields.get("scan", ""),
        )
