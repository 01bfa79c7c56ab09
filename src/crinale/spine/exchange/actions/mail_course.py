"""What a mail calls for: receipts and answers go to their message, a segnatura makes one, the rest waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.exchange.actions.mail_answers import take_answer
from crinale.spine.exchange.actions.mail_arrivals import take_segnatura
from crinale.spine.exchange.actions.mail_receipts import take_receipt
from crinale.spine.exchange.rules.mail import RECEIPTS, MailState

if TYPE_CHECKING:
    from crinale.spine.exchange.mail_values import ReadMail
    from crinale.spine.exchange.models import Mail


def follow(mail: Mail, read: ReadMail) -> None:
    """Do what a mail calls for, in the open transaction; its row says afterwards what became of it."""
    mail.state, mail.tied_to, mail.reason = MailState.TO_REGISTER, None, ""
    if read.kind in RECEIPTS:
        take_receipt(mail, read)
    elif read.protocol_answer is not None:
        take_answer(mail, read)
    elif read.segnatura is not None:
        take_segnatura(mail, read)
