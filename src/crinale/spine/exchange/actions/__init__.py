"""The doors through which exchanges happen: for clerks, for the server endpoints of other areas, for jobs."""

from __future__ import annotations

from crinale.spine.exchange.actions.annulments import (
    annul,
    receive_annulment_by_recipient,
    receive_annulment_by_sender,
)
from crinale.spine.exchange.actions.collecting import fetch_due, fetch_mail
from crinale.spine.exchange.actions.confirming import receive_confirmation
from crinale.spine.exchange.actions.editions import describe, enrol, publish_index, refresh_index
from crinale.spine.exchange.actions.evidence import keep_response
from crinale.spine.exchange.actions.following import retry_due, retry_now, run_errand, take_note
from crinale.spine.exchange.actions.incidents import (
    close_incident,
    raise_overdue_incidents,
    record_workaround,
)
from crinale.spine.exchange.actions.index import ImportReport, import_areas, withdraw_area
from crinale.spine.exchange.actions.index_units import import_bodies, import_offices
from crinale.spine.exchange.actions.mail_deciding import (
    WholeMail,
    match_again,
    register_mail,
    return_mail_to_queue,
    set_mail_aside,
)
from crinale.spine.exchange.actions.mailboxes import (
    change_mailbox,
    check_mailbox,
    close_mailbox,
    create_mailbox,
    set_mail_habit,
)
from crinale.spine.exchange.actions.posting import Way, send_by_mail
from crinale.spine.exchange.actions.processing import refuse_waiting, register_waiting
from crinale.spine.exchange.actions.receiving import receive_forward
from crinale.spine.exchange.actions.sending import (
    register_and_send,
    send_by_exchange,
    send_registration,
)
from crinale.spine.exchange.mail_values import MailFailure
from crinale.spine.exchange.values import (
    AnnulReply,
    ConfirmReply,
    ForwardReply,
    IncomingFile,
    PeerIdentity,
    WireRef,
)

__all__ = [
    "AnnulReply",
    "ConfirmReply",
    "ForwardReply",
    "ImportReport",
    "IncomingFile",
    "MailFailure",
    "PeerIdentity",
    "Way",
    "WholeMail",
    "WireRef",
    "annul",
    "change_mailbox",
    "check_mailbox",
    "close_incident",
    "close_mailbox",
    "create_mailbox",
    "describe",
    "enrol",
    "fetch_due",
    "fetch_mail",
    "import_areas",
    "import_bodies",
    "import_offices",
    "keep_response",
    "match_again",
    "publish_index",
    "raise_overdue_incidents",
    "receive_annulment_by_recipient",
    "receive_annulment_by_sender",
    "receive_confirmation",
    "receive_forward",
    "record_workaround",
    "refresh_index",
    "refuse_waiting",
    "register_and_send",
    "register_mail",
    "register_waiting",
    "retry_due",
    "retry_now",
    "return_mail_to_queue",
    "run_errand",
    "send_by_exchange",
    "send_by_mail",
    "send_registration",
    "set_mail_aside",
    "set_mail_habit",
    "take_note",
    "withdraw_area",
]
