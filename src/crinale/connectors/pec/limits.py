"""How much of a mail is read: bounds against mails that were made to hurt."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLimits:
    """Sizes in bytes. The files of a mail stream to the store, so memory does not grow with them.

    ``mail_bytes`` bounds what is fetched and read, ``held_bytes`` what is ever held in memory at once (a
    protocol file, certification data, a winmail.dat).
    """

    mail_bytes: int = 100 * 1024 * 1024
    header_bytes: int = 256 * 1024
    depth: int = 20
    parts: int = 500
    text_characters: int = 200_000
    body_bytes: int = 2 * 1024 * 1024
    held_bytes: int = 64 * 1024 * 1024
    protocol_file_bytes: int = 8 * 1024 * 1024
    certification_bytes: int = 1024 * 1024
    addresses: int = 1000
