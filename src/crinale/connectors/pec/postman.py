"""The postman: collects over IMAP, sends over SMTP. RFC 3501, 6851 (MOVE), 4315 (UIDPLUS), 5321.

A mail comes in pieces of 1 MB straight into the store, so memory does not grow with it. One that is larger
than the limits stays on the server, and a stand-in with its headers comes instead.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from imap_tools.utils import encode_folder

from crinale.connectors.pec.composing import compose
from crinale.connectors.pec.connections import deliver, imap, smtp
from crinale.connectors.pec.limits import MailLimits
from crinale.connectors.pec.oversize import stand_in
from crinale.connectors.pec.reading import MailReader
from crinale.kernel import clock
from crinale.spine.exchange.mail_values import CollectedMail, MailFailure

if TYPE_CHECKING:
    import contextlib
    import ssl
    from collections.abc import Callable, Iterator, Sequence

    from imap_tools import BaseMailBox

    from crinale.connectors.pec.provider_signature import Trust
    from crinale.spine.exchange.mail_values import FetchPosition, MailboxSettings, MailDraft, ReadMail
    from crinale.spine.records.blobs import BlobRef
    from crinale.spine.records.ports import BlobStore

_PIECE: Final = 1 << 20
_AT_ONCE: Final = 200
_SIZE: Final = re.compile(rb"RFC822\.SIZE (\d+)")
_UID: Final = re.compile(rb"UID (\d+)")


class MailServerPostman:
    """The port ``exchange.postman``, answered by real mail servers.

    ``password_of`` gives the password of an address, None when the node has none.
    """

    def __init__(
        self,
        *,
        store: BlobStore,
        trust: Trust,
        tls: Callable[[], ssl.SSLContext],
        password_of: Callable[[str], str | None],
        limits: MailLimits | None = None,
        seconds: float = 60.0,
    ) -> None:
        self._store, self._tls, self._password_of, self._seconds = store, tls, password_of, seconds
        self._limits = limits or MailLimits()
        self._reader = MailReader(store, trust, limits=self._limits)

    def collect(
        self, mailbox: MailboxSettings, *, after: FetchPosition | None, limit: int
    ) -> Iterator[CollectedMail]:
        """Store and yield the mails after a position, oldest first; nothing on the server changes.

        :raises MailFailure: also half-way; what was yielded before is stored, and the rest comes next time.
        """
        with self._imap(mailbox) as box:
            validity = _select(box, mailbox.folder, readonly=True)
            last = after.last_uid if after and after.uid_validity == validity else 0
            for uid in _uids_after(box, last)[:limit]:
                blob = self._fetch(box, uid)
                if blob is not None:  # somebody removed it in this moment
                    yield CollectedMail(validity, uid, blob)

    def settle(self, mailbox: MailboxSettings, mails: Sequence[CollectedMail]) -> None:
        """Do to stored mails what ``after_storing`` says; one too large to be here stays untouched."""
        if not mails:
            return
        with self._imap(mailbox) as box:
            validity = _select(box, mailbox.folder, readonly=False)
            uids = [mail.uid for mail in mails if mail.uid_validity == validity]
            for start in range(0, len(uids), _AT_ONCE):
                sizes = _sizes(box, uids[start : start + _AT_ONCE])
                here = [str(uid) for uid, size in sizes.items() if size <= self._limits.mail_bytes]
                if here:
                    _settle(box, mailbox, ",".join(here))

    def read(self, blob: BlobRef) -> ReadMail:
        """Read a stored mail; its files are stored too. Never raises for what the mail contains."""
        return self._reader.read(blob)

    def send(self, mailbox: MailboxSettings, draft: MailDraft) -> BlobRef:
        """Hand a mail to the server and return it as sent, stored.

        :raises MailFailure: ``permanent`` when the server will never take this mail (5xx).
        """
        blob = store_draft(self._store, draft, mailbox)
        with (
            smtp(mailbox, password=self._password(mailbox), tls=self._tls(), seconds=self._seconds) as server,
            self._store.open(blob.sha256) as lines,
        ):
            deliver(
                server, sender=mailbox.address, recipient=draft.recipient, size=blob.size, lines=iter(lines)
            )
        return blob

    def check(self, mailbox: MailboxSettings) -> None:
        """Sign in to both servers, open the folder, and leave.

        :raises MailFailure: when one of them refuses or is not there.
        """
        with self._imap(mailbox) as box:
            _select(box, mailbox.folder, readonly=True)
        with smtp(mailbox, password=self._password(mailbox), tls=self._tls(), seconds=self._seconds):
            pass

    def _imap(self, mailbox: MailboxSettings) -> contextlib.AbstractContextManager[BaseMailBox]:
        return imap(mailbox, password=self._password(mailbox), tls=self._tls(), seconds=self._seconds)

    def _password(self, mailbox: MailboxSettings) -> str:
        found = self._password_of(mailbox.address)
        if not found:
            raise MailFailure("password", f"This node has no password for {mailbox.address}.")
        return found

    def _fetch(self, box: BaseMailBox, uid: int) -> BlobRef | None:
        size = _sizes(box, [uid]).get(uid)
        if size is None:
            return None
        too_large = size > self._limits.mail_bytes
        writer = self._store.writer(file_name=f"{uid}.eml")
        try:
            if too_large:
                headers = _piece(box, uid, "HEADER", 0, self._limits.header_bytes)
                writer.write(stand_in(headers, size))
            else:
                self._stream(box, uid, size, writer.write)
            return writer.commit()
        finally:
            writer.abort()

    def _stream(self, box: BaseMailBox, uid: int, size: int, write: Callable[[bytes], int]) -> None:
        """Fetch piece by piece until a short one; some servers estimate the size, so it ends nothing."""
        position = 0
        while piece := _piece(box, uid, "", position, _PIECE):
            write(piece)
            position += len(piece)
            if len(piece) < _PIECE:
                break
            if position > 2 * max(size, self._limits.mail_bytes):
                raise MailFailure("protocol", "The mail server sends a mail without end.")
        if position == 0 and size > 0:
            raise MailFailure("protocol", "The mail server did not give a mail that it has.")


def store_draft(store: BlobStore, draft: MailDraft, mailbox: MailboxSettings) -> BlobRef:
    """Write the mail of a draft to the store."""
    writer = store.writer(file_name="mail.eml")
    try:
        for piece in compose(draft, sender=mailbox.address, at=clock.now(), store=store):
            writer.write(piece)
        return writer.commit()
    finally:
        writer.abort()


def _select(box: BaseMailBox, folder: str, *, readonly: bool) -> int:
    """Open a folder and give its UIDVALIDITY."""
    box.folder.set(folder, readonly=readonly)
    _, values = box.client.response("UIDVALIDITY")
    if not values or not values[0]:
        raise MailFailure("protocol", "The mail server does not number its mails.")
    return int(values[0])


def _uids_after(box: BaseMailBox, last: int) -> list[int]:
    # "n:*" always names the newest mail, also when its number is lower than n.
    return sorted(uid for found in box.uids(f"UID {last + 1}:*") if (uid := int(found)) > last)


def _sizes(box: BaseMailBox, uids: Sequence[int]) -> dict[int, int]:
    """Give the sizes of those mails that are still there."""
    answer = _done(box.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)"))
    found = {}
    for line in answer:
        if isinstance(line, bytes) and (uid := _UID.search(line)) and (size := _SIZE.search(line)):
            found[int(uid[1])] = int(size[1])
    return found


def _piece(box: BaseMailBox, uid: int, section: str, start: int, length: int) -> bytes:
    answer = _done(box.client.uid("FETCH", str(uid), f"(BODY.PEEK[{section}]<{start}.{length}>)"))
    return next((bytes(item[1]) for item in answer if isinstance(item, tuple)), b"")


def _done(reply: tuple[str, list[Any]]) -> list[Any]:
    status, answer = reply
    if status != "OK":
        shown = answer[0].decode("utf-8", errors="replace") if answer and answer[0] else status
        raise MailFailure("protocol", f"The mail server refuses: {shown}"[:400])
    return answer


def _capabilities(box: BaseMailBox) -> frozenset[str]:
    """Ask what the server can do: who has signed in is told more than who has not."""
    answer = _done(box.client.capability())
    return frozenset(answer[-1].decode("ascii", errors="replace").upper().split())


def _remove(box: BaseMailBox, uids: str) -> None:
    """Delete mails. Without UIDPLUS they stay marked: to expunge would also take away what others marked."""
    _done(box.client.uid("STORE", uids, "+FLAGS.SILENT", r"(\Deleted)"))
    if "UIDPLUS" in _capabilities(box):
        _done(box.client.uid("EXPUNGE", uids))


def _settle(box: BaseMailBox, mailbox: MailboxSettings, uids: str) -> None:
    match mailbox.after_storing:
        case "keep":
            _done(box.client.uid("STORE", uids, "+FLAGS.SILENT", r"(\Seen)"))
        case "delete":
            _remove(box, uids)
        case "move":
            folder = mailbox.stored_folder
            if not box.folder.exists(folder):
                box.folder.create(folder)
            if "MOVE" in _capabilities(box):
                _done(box.client.uid("MOVE", uids, encode_folder(folder).decode("ascii")))
            else:
                _done(box.client.uid("COPY", uids, encode_folder(folder).decode("ascii")))
                _remove(box, uids)
