"""The doors through which registers change. Each joins the transaction that is open, or opens its own."""

from __future__ import annotations

from crinale.spine.protocol.actions.annulment import annul
from crinale.spine.protocol.actions.assigning import (
    Assignee,
    assign,
    assign_several,
    conclude,
    forward_assignment,
    refuse_assignment,
    take_charge,
    withdraw_assignment,
)
from crinale.spine.protocol.actions.copies import (
    copy_register,
    forget_copies,
    note_download,
    write_copy_in_parts,
)
from crinale.spine.protocol.actions.correcting import correct
from crinale.spine.protocol.actions.daily import days_are_due, freeze_daily_register, freeze_due_days
from crinale.spine.protocol.actions.departure import close_registers_of_leaving_body, reopen_registers
from crinale.spine.protocol.actions.deposits import (
    collect_deposit_report,
    days_to_deposit,
    deposit_daily_register,
    deposits_without_report,
    repeat_deposit,
)
from crinale.spine.protocol.actions.emergency import (
    EmergencyLine,
    close_emergency,
    enter_emergency_registration,
    extend_emergency,
    open_emergency,
)
from crinale.spine.protocol.actions.emergency_lines import (
    EnteredLines,
    LineFault,
    enter_emergency_lines,
)
from crinale.spine.protocol.actions.filing import move_to_dossier
from crinale.spine.protocol.actions.handling import add_to_dossier, reclassify
from crinale.spine.protocol.actions.linking import link_registration, unlink_registration
from crinale.spine.protocol.actions.manifests import (
    days_wait_for_seal,
    seal_frozen_day,
    seal_frozen_days,
)
from crinale.spine.protocol.actions.registers import open_register
from crinale.spine.protocol.actions.registration import (
    register_incoming,
    register_internal,
    register_outgoing,
)
from crinale.spine.protocol.actions.sealing import complete_seal
from crinale.spine.protocol.actions.storing import RegisterMoved, YearEnded

__all__ = [
    "Assignee",
    "EmergencyLine",
    "EnteredLines",
    "LineFault",
    "RegisterMoved",
    "YearEnded",
    "add_to_dossier",
    "annul",
    "assign",
    "assign_several",
    "close_emergency",
    "close_registers_of_leaving_body",
    "collect_deposit_report",
    "complete_seal",
    "conclude",
    "copy_register",
    "correct",
    "days_are_due",
    "days_to_deposit",
    "days_wait_for_seal",
    "deposit_daily_register",
    "deposits_without_report",
    "enter_emergency_lines",
    "enter_emergency_registration",
    "extend_emergency",
    "forget_copies",
    "forward_assignment",
    "freeze_daily_register",
    "freeze_due_days",
    "link_registration",
    "move_to_dossier",
    "note_download",
    "open_emergency",
    "open_register",
    "reclassify",
    "refuse_assignment",
    "register_incoming",
    "register_internal",
    "register_outgoing",
    "reopen_registers",
    "repeat_deposit",
    "seal_frozen_day",
    "seal_frozen_days",
    "take_charge",
    "unlink_registration",
    "withdraw_assignment",
    "write_copy_in_parts",
]
