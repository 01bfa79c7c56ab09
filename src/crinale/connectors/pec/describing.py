"""What the headers of a mail tell about it, as the exchange wants it told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.connectors.pec import findings as f
from crinale.spine.exchange.mail_values import ReadMail

if TYPE_CHECKING:
    from crinale.connectors.pec.contents import Contents
    from crinale.connectors.pec.findings import Findings
    from crinale.connectors.pec.headers import Headers
    from crinale.connectors.pec.limits import MailLimits
    from crinale.spine.exchange.mail_values import MailKind


def described(
    outer: Headers,
    inner: Headers,
    kind: MailKind,
    contents: Contents | None,
    *,
    limits: MailLimits,
    findings: Findings,
) -> ReadMail:
    """Describe a mail by the headers that count."""
    if inner.repeated():
        findings.add(f.REPEATED_HEADER)
    senders = [
        one
        for name in ("from", "sender", "reply-to", "return-path")
        for one in inner.addresses(name, limit=1)
    ]
    if not inner.addresses("from", limit=1):
        findings.add(f.NO_SENDER)
    sender_name, sender_address = senders[0] if senders else ("", "")
    message_id = inner.message_id()
    if not message_id:
        findings.add(f.NO_MESSAGE_ID)
    answered = inner.message_ids("in-reply-to")
    references = dict.fromkeys((*answered, *inner.message_ids("references")))
    limit = limits.addresses
    subject = inner.text("subject", findings)
    sent_at = inner.sent_at(findings)
    text = contents.text if contents else ""
    return ReadMail(
        kind=kind,
        message_id=message_id,
        outer_message_id=outer.message_id() if outer is not inner else message_id,
        about=next(iter(answered), ""),
        references=tuple(references)[:200],
        subject=subject[:10_000],
        sender_address=sender_address,
        sender_name=sender_name[:500],
        recipients=tuple(address for _, address in inner.addresses("to", limit=limit)),
        copied=tuple(address for _, address in inner.addresses("cc", limit=limit)),
        sent_at=sent_at,
        text=text,
        files=tuple(contents.files) if contents else (),
        segnatura=contents.segnatura if contents else None,
        protocol_answer=contents.protocol_answer if contents else None,
        findings=findings.all(),
    )


def unreadable(findings: Findings) -> ReadMail:
    """Describe a mail of which nothing could be made."""
    return ReadMail(
        kind="unreadable",
        message_id="",
        outer_message_id="",
        about="",
        references=(),
        subject="",
        sender_address="",
        sender_name="",
        recipients=(),
        copied=(),
        sent_at=None,
        text="",
        files=(),
        findings=findings.all(),
    )
