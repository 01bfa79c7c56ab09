"""Notices by mail: a client of the body's ordinary mail server (SMTP), behind the port of the notices."""

from __future__ import annotations

from crinale.connectors.notice_mail.sender import MailServer, SmtpMailer

__all__ = ["MailServer", "SmtpMailer"]
