"""The mailboxes of an area, and which segnatura goes to whom (Allegato 6, appendix C)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, cast, get_args

from django.db import transaction
from django.db.models import Q

from crinale.kernel import clock
from crinale.kernel.errors import Conflict, Invalid, NotVisible
from crinale.kernel.ids import new_id
from crinale.spine import audit
from crinale.spine.exchange import facts
from crinale.spine.exchange.actions.rows import area_code
from crinale.spine.exchange.mail_ports import postman
from crinale.spine.exchange.mail_values import MailboxSettings, MailFailure, Security
from crinale.spine.exchange.models import Mailbox, MailHabit
from crinale.spine.exchange.rules.mail import Edition, HabitKind
from crinale.spine.identity.permissions import require
from crinale.spine.tenancy import current_body
from crinale.spine.tenancy.models import Area

if TYPE_CHECKING:
    from uuid import UUID

    from crinale.spine.identity import Actor

PERMISSION: Final = "admin.areas"
_ADDRESS: Final = re.compile(r"[^\s@<>\"/\\]{1,64}@[^\s@<>\"/\\]{1,189}\.[^\s@<>\".]{2,63}")
_DOMAIN: Final = re.compile(r"[a-z0-9.-]{1,189}\.[a-z]{2,63}")
_HOST: Final = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_HIGHEST_PORT: Final = 65535
_AFTER_STORING: Final = ("keep", "move", "delete")
_CHANGEABLE: Final = frozenset(
    {
        "certified",
        "imap_host",
        "imap_port",
        "imap_security",
        "smtp_host",
        "smtp_port",
        "smtp_security",
        "user_name",
        "folder",
        "after_storing",
        "stored_folder",
        "writes",
        "active",
    }
)


def create_mailbox(
    *,
    actor: Actor,
    area_id: UUID,
    address: str,
    certified: bool,
    imap_host: str,
    smtp_host: str,
    imap_port: int = 993,
    imap_security: str = "tls",
    smtp_port: int = 465,
    smtp_security: str = "tls",
    user_name: str = "",
    folder: str = "INBOX",
    after_storing: str = "keep",
    stored_folder: str = "Crinale",
    writes: str = Edition.CIRCOLARE_2013,
) -> UUID:
    """Give an area a mailbox; return its id. The password is kept by the node, under the address.

    :raises Invalid: naming what is not well formed.
    :raises Conflict: when the body has a mailbox with this address.
    :raises NotVisible: when the area is not one of the open scope.
    """
    require(actor, PERMISSION)
    box = Mailbox(
        id=new_id(),
        area_id=area_id,
        address=address.strip().lower(),
        certified=certified,
        imap_host=imap_host.strip(),
        imap_port=imap_port,
        imap_security=imap_security,
        smtp_host=smtp_host.strip(),
        smtp_port=smtp_port,
        smtp_security=smtp_security,
        user_name=user_name.strip() or address.strip(),
        folder=folder.strip(),
        after_storing=after_storing,
        stored_folder=stored_folder.strip(),
        writes=writes,
        created_at=clock.now(),
    )
    _check(box)
    with transaction.atomic():
        if not Area.objects.filter(id=area_id, body_id=current_body()).exists():
            raise NotVisible
        if Mailbox.objects.filter(address=box.address).exists():
            raise Conflict("This body has a mailbox with this address already.")
        box.save(force_insert=True)
        fact = facts.MailboxCreated(
            subject_id=box.id, area=area_code(area_id), address=box.address, certified=certified
        )
        audit.write(fact, actor=actor)
    return box.id


def change_mailbox(*, actor: Actor, mailbox_id: UUID, **changes: Any) -> None:
    """Change how a mailbox is reached or what is done in it; its address and its area stay.

    Another server or folder is read from its beginning: nothing that was stored is stored twice.

    :raises Invalid: naming what is not well formed, or cannot be changed.
    :raises NotVisible: when there is no such mailbox.
    """
    if unknown := sorted(changes.keys() - _CHANGEABLE):
        raise Invalid(unknown[0], "this cannot be changed: close the mailbox and make another one")
    with transaction.atomic():
        box = _locked(actor, mailbox_id)
        changed = {name: value for name, value in changes.items() if getattr(box, name) != value}
        for name, value in changed.items():
            setattr(box, name, value)
        _check(box)
        if changed.keys() & {"imap_host", "imap_port", "folder", "user_name"}:
            box.uid_validity, box.last_uid = None, 0
        if changed:
            box.save()
            fact = facts.MailboxChanged(
                subject_id=box.id,
                address=box.address,
                changes={key: str(value) for key, value in changed.items()},
            )
            audit.write(fact, actor=actor)


def close_mailbox(*, actor: Actor, mailbox_id: UUID) -> None:
    """Read and send with a mailbox no more; its mails stay.

    :raises NotVisible: when there is no such mailbox.
    """
    change_mailbox(actor=actor, mailbox_id=mailbox_id, active=False)


def check_mailbox(*, actor: Actor, mailbox_id: UUID) -> None:
    """Sign in to both servers of a mailbox and leave.

    :raises NotVisible: when there is no such mailbox.
    :raises MailFailure: when it does not work.
    """
    require(actor, PERMISSION)
    box = Mailbox.objects.filter(id=mailbox_id).first()
    if box is None:
        raise NotVisible
    postman.get().check(settings_of(box))


def set_mail_habit(*, actor: Actor, kind: str, value: str, writes: str) -> None:
    """Say which segnatura goes to an address, a domain or a registry area; "" forgets the habit.

    :raises Invalid: naming what is not well formed.
    """
    require(actor, PERMISSION)
    if kind not in tuple(HabitKind):
        raise Invalid("kind", f"choose one of {', '.join(HabitKind)}")
    known = value.strip().lower()
    form = {HabitKind.ADDRESS: _ADDRESS, HabitKind.DOMAIN: _DOMAIN}.get(HabitKind(kind))
    if not known or (form and not form.fullmatch(known)):
        raise Invalid("value", "write a whole address, domain or code of an area")
    with transaction.atomic():
        MailHabit.objects.filter(kind=kind, value=known).delete()
        if writes:
            _check_edition(writes)
            MailHabit(kind=kind, value=known, writes=writes).save(force_insert=True)
        audit.write(facts.MailHabitSet(kind_of=kind, value=known, writes=writes), actor=actor)


def edition_for(box: Mailbox, *, address: str, aoo_code: str, administration: bool) -> str:
    """Return the edition of the segnatura to an address: its habit, its area's, its domain's, the box's.

    Only administrations get one without a habit.
    """
    wanted = Q(kind=HabitKind.ADDRESS, value=address) | Q(
        kind=HabitKind.DOMAIN, value=address.rpartition("@")[2]
    )
    if aoo_code:
        wanted |= Q(kind=HabitKind.AREA, value=aoo_code.lower())
    known = dict(MailHabit.objects.filter(wanted).values_list("kind", "writes"))
    for kind in HabitKind:
        if kind in known:
            return known[kind]
    return box.writes if administration else Edition.NONE


def sending_box(area_id: UUID) -> Mailbox | None:
    """Return the mailbox that an area sends with: its first certified one, else its first."""
    return Mailbox.objects.filter(area_id=area_id, active=True).order_by("-certified", "id").first()


def settings_of(box: Mailbox) -> MailboxSettings:
    """Return what the connector needs to reach a mailbox."""
    return MailboxSettings(
        id=box.id,
        area_code=area_code(box.area_id),
        address=box.address,
        certified=box.certified,
        imap_host=box.imap_host,
        imap_port=box.imap_port,
        imap_security=_security(box.imap_security),
        smtp_host=box.smtp_host,
        smtp_port=box.smtp_port,
        smtp_security=_security(box.smtp_security),
        user_name=box.user_name,
        folder=box.folder,
        after_storing=_after_storing(box.after_storing),
        stored_folder=box.stored_folder,
    )


def note_failure(box: Mailbox, failure: MailFailure) -> None:
    """Remember since when and why a mailbox does not work; the directory and ``doctor`` show it."""
    now = clock.now()
    Mailbox.objects.filter(id=box.id).update(
        failing_since=box.failing_since or now, last_error=str(failure)[:500]
    )


def _locked(actor: Actor, mailbox_id: UUID) -> Mailbox:
    require(actor, PERMISSION)
    box = Mailbox.objects.select_for_update().filter(id=mailbox_id).first()
    if box is None:
        raise NotVisible
    return box


def _security(value: str) -> Security:
    return cast("Security", value)  # one of them: it was checked when it was written


def _after_storing(value: str) -> Literal["keep", "move", "delete"]:
    return cast("Literal['keep', 'move', 'delete']", value)


def _check_edition(writes: str) -> None:
    if writes not in tuple(Edition):
        raise Invalid("writes", f"choose one of {', '.join(Edition)}")


def _check(box: Mailbox) -> None:
    if not _ADDRESS.fullmatch(box.address):
        raise Invalid("address", "write an address such as protocollo@pec.comune.example.it")
    for side in ("imap", "smtp"):
        if not _HOST.fullmatch(getattr(box, f"{side}_host")):
            raise Invalid(f"{side}_host", "write the name of the server")
        if not 0 < getattr(box, f"{side}_port") <= _HIGHEST_PORT:
            raise Invalid(f"{side}_port", "write a port between 1 and 65535")
        if getattr(box, f"{side}_security") not in get_args(Security):
            raise Invalid(f"{side}_security", f"choose one of {', '.join(get_args(Security))}")
    if box.after_storing not in _AFTER_STORING:
        raise Invalid("after_storing", f"choose one of {', '.join(_AFTER_STORING)}")
    if not box.folder or (box.after_storing == "move" and not box.stored_folder):
        raise Invalid("folder" if not box.folder else "stored_folder", "write the name of the folder")
    if box.after_storing == "move" and box.folder == box.stored_folder:
        raise Invalid("stored_folder", "mails are moved out of the folder that is read: choose another one")
    _check_edition(box.writes)
