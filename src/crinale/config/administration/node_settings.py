"""The settings of a node as its administrators read them on a page: of a secret, only whether it is there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from django.utils.translation import gettext_noop

from crinale.config.processes import MACHINE, WEB, WORKER, NodeProcesses
from crinale.services.console.ports import Setting, SettingGroup

if TYPE_CHECKING:
    from crinale.config.node import NodeHome

    Known = tuple[str, str, Any]  # key, meaning, default

_GIGABYTE: Final = 1 << 30
_ABSENT: Final = "not set"
_BY_HAND: Final = gettext_noop("Write it on the machine, into the file of that name, closed to other users.")
_IN_SERVICE: Final = gettext_noop("Set it in the unit of the service, then restart the node.")
_BY_SETUP: Final = gettext_noop("It is made when the node is set up. Keep it with the backups.")

_GROUPS: Final[tuple[tuple[str, str, tuple[Known, ...]], ...]] = (
    (
        gettext_noop("The node"),
        "node",
        (
            ("name", gettext_noop("Short name"), ""),
            ("title", gettext_noop("How people call it"), ""),
            ("hub", gettext_noop("Whether it keeps the index of the network"), False),
        ),
    ),
    (
        gettext_noop("Pages"),
        "web",
        (
            ("host", gettext_noop("Where they listen"), ""),
            ("port", gettext_noop("Port"), 0),
            ("workers", gettext_noop("Processes"), 0),
            ("threads", gettext_noop("Requests at once in each process"), 0),
            ("hosts", gettext_noop("Names under which they may be asked for"), ["localhost"]),
            ("origins", gettext_noop("Origins whose forms are accepted"), []),
            ("https", gettext_noop("A proxy with TLS stands in front"), False),
        ),
    ),
    (
        gettext_noop("Interfaces for other administrations"),
        "machine",
        (
            ("host", gettext_noop("Where they listen"), ""),
            ("port", gettext_noop("Port"), 0),
            ("workers", gettext_noop("Processes"), 0),
            ("threads", gettext_noop("Requests at once in each process"), 0),
            ("certificate", gettext_noop("Certificate"), ""),
            ("client_ca", gettext_noop("Authorities whose callers are let in"), ""),
        ),
    ),
    (
        gettext_noop("Interface for programs"),
        "interface",
        (
            ("requests_per_address", gettext_noop("Requests of a stranger in a minute"), 120),
            ("address_header", gettext_noop("Header in which the proxy writes the caller's address"), ""),
            ("private_webhooks", gettext_noop("Events may go to machines of the own network"), False),
        ),
    ),
    (
        gettext_noop("Work in the background"),
        "worker",
        (("concurrency", gettext_noop("Jobs at once; 0 where another machine does them"), 0),),
    ),
    (
        gettext_noop("Documents"),
        "documents",
        (("limit_bytes", gettext_noop("The largest document, in bytes"), _GIGABYTE),),
    ),
    (
        gettext_noop("Exchange"),
        "exchange",
        (
            ("hub", gettext_noop("Address of the hub"), ""),
            ("retry_scale", gettext_noop("Part of the time between attempts; 1 is the rule"), 1.0),
        ),
    ),
    (
        gettext_noop("Mailboxes"),
        "mail",
        (
            ("every_seconds", gettext_noop("Seconds after which each mailbox is read again"), 60),
            ("provider_folder", gettext_noop("Folder in place of mail servers, for demonstrations"), ""),
        ),
    ),
    (
        gettext_noop("Notices by mail"),
        "notices",
        (
            ("host", gettext_noop("Mail server"), ""),
            ("port", gettext_noop("Port"), ""),
            ("security", gettext_noop("Protection of the connection"), ""),
            ("user", gettext_noop("User name"), ""),
            ("sender", gettext_noop("Sender"), ""),
        ),
    ),
    (
        gettext_noop("Preservation"),
        "preservation",
        (
            ("folder", gettext_noop("Folder shared with the preservation service"), ""),
            ("simulated", gettext_noop("The node answers itself, for trials only"), False),
        ),
    ),
    (
        gettext_noop("Contacts"),
        "contacts",
        (
            ("emails", gettext_noop("E-mail addresses"), []),
            ("phone", gettext_noop("Telephone"), ""),
        ),
    ),
)
_OF_SECRETS: Final = {
    "notices": ("notices", gettext_noop("Password of the mail server")),
    "node": ("django", gettext_noop("Key of the sessions")),
    "web": ("second-factors", gettext_noop("Key that encrypts second factors")),
}
_REMEDIES: Final = {
    ("machine", "certificate"): gettext_noop("It is installed with crinale keys install tls."),
    ("machine", "client_ca"): gettext_noop("Authorities are added with crinale keys trust add."),
}


@dataclass(frozen=True)
class SettingsOfNode:
    """The settings of the node of this process, as its file says them now."""

    home: NodeHome

    def groups(self, *, body_ipa: str) -> list[SettingGroup]:
        """Return them; of single sign-on only what is of that body."""
        return [
            *(self._group(title, table, known) for title, table, known in _GROUPS),
            self._sign_on(body_ipa),
            self._database(),
        ]

    def _group(self, title: str, table: str, known: tuple[Known, ...]) -> SettingGroup:
        written = self.home.settings().get(table, {})
        usual = NodeProcesses(self.home).settings(table) if table in {WEB, MACHINE, WORKER} else {}
        rows = [
            Setting(
                key=f"[{table}] {key}",
                meaning=meaning,
                value=_shown(written.get(key, usual.get(key, default))),
                source="file" if key in written else "default",
                remedy=_REMEDIES.get((table, key), ""),
            )
            for key, meaning, default in known
        ]
        if secret := _OF_SECRETS.get(table):
            name, meaning = secret
            rows.append(self._secret(name, meaning, _BY_HAND if table == "notices" else _BY_SETUP))
        return SettingGroup(title=title, settings=tuple(rows))

    def _sign_on(self, body_ipa: str) -> SettingGroup:
        table: dict[str, Any] = self.home.settings().get("single_sign_on", {}).get(body_ipa, {})
        meanings = (
            ("issuer", gettext_noop("Provider")),
            ("client_id", gettext_noop("This node as the provider knows it")),
            ("matches", gettext_noop("By what people are recognised")),
            ("strong", gettext_noop("What stands for a second factor")),
        )
        rows = [
            Setting(
                key=f"[single_sign_on.{body_ipa}] {key}",
                meaning=meaning,
                value=_shown(table.get(key, "")),
                source="file" if key in table else "default",
            )
            for key, meaning in meanings
        ]
        secret = gettext_noop("Secret of the node there")
        rows.append(self._secret(f"single_sign_on-{body_ipa}", secret, _BY_HAND))
        return SettingGroup(title=gettext_noop("Sign-in through the body's provider"), settings=tuple(rows))

    def _database(self) -> SettingGroup:
        embedded = self.home.postgres.exists()
        level = os.environ.get("CRINALE_LOG_LEVEL", "")
        rows = (
            Setting(
                key="CRINALE_DATABASE_URL",
                meaning=gettext_noop("A database server, in place of the node's own"),
                value="not set" if embedded else "set",
                source="default" if embedded else "environment",
                remedy=_IN_SERVICE,
            ),
            Setting(
                key="CRINALE_LOG_LEVEL",
                meaning=gettext_noop("How much the logs tell"),
                value=level or "INFO",
                source="environment" if level else "default",
                remedy=_IN_SERVICE,
            ),
        )
        return SettingGroup(title=gettext_noop("Database and logs"), settings=rows)

    def _secret(self, name: str, meaning: str, remedy: str) -> Setting:
        there: Literal["set", "not set"] = "set" if self.home.existing_secret(name) else "not set"
        return Setting(key=f"secrets/{name}", meaning=meaning, value=there, source="secrets", remedy=remedy)


def _shown(value: object) -> str:
    """Say a value; the name and password within an address stay out."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(one) for one in value) or _ABSENT
    text = str(value)
    if "://" in text and "@" in text:
        parts = urlsplit(text)
        text = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    return text or _ABSENT
