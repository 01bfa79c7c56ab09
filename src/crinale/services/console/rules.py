"""Words for what logs and checks hold: facts and readings by their kind, findings by their sentence."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from django.utils.translation import gettext, gettext_noop

FACTS: Final = {
    "registration.created": gettext_noop("Registered a document"),
    "registration.sealed": gettext_noop("Sealed a registration"),
    "registration.annulled": gettext_noop("Annulled a registration"),
    "registration.corrected": gettext_noop("Corrected a registration"),
    "registration.linked": gettext_noop("Linked two registrations"),
    "registration.unlinked": gettext_noop("Removed a link between registrations"),
    "registration.assigned": gettext_noop("Assigned a registration"),
    "assignment.handled": gettext_noop("Handled an assignment"),
    "registration.reclassified": gettext_noop("Classified a registration anew"),
    "registration.filed": gettext_noop("Put a registration in a dossier"),
    "registration.moved": gettext_noop("Moved a registration to another dossier"),
    "daily_register.frozen": gettext_noop("Froze a daily register"),
    "daily_register.sealed": gettext_noop("Sealed a daily register"),
    "daily_register.deposited": gettext_noop("Delivered a daily register to preservation"),
    "daily_register.deposit_concluded": gettext_noop("Preservation answered about a daily register"),
    "emergency.opened": gettext_noop("Opened the emergency register"),
    "emergency.extended": gettext_noop("Extended the emergency register"),
    "emergency.closed": gettext_noop("Closed the emergency register"),
    "emergency.entered": gettext_noop("Entered a line of the emergency register"),
    "correspondent.added": gettext_noop("Added a correspondent"),
    "correspondent.changed": gettext_noop("Changed a correspondent"),
    "correspondent.closed": gettext_noop("Closed a correspondent"),
    "correspondent.merged": gettext_noop("Merged two correspondents"),
    "correspondent_group.changed": gettext_noop("Changed a group of correspondents"),
    "archive.taken_over": gettext_noop("Took over an archive of older software"),
    "register.opened": gettext_noop("Opened a register"),
    "register.continued": gettext_noop("Continued the numbers of older software"),
    "document.stored": gettext_noop("Stored a document"),
    "document.placed": gettext_noop("Put a document in a dossier"),
    "document.moved": gettext_noop("Moved a document to another dossier"),
    "dossier.opened": gettext_noop("Opened a dossier"),
    "dossier.closed": gettext_noop("Closed a dossier"),
    "dossier.reopened": gettext_noop("Opened a dossier again"),
    "dossier.changed": gettext_noop("Changed a dossier"),
    "dossier.shown": gettext_noop("Changed who sees a dossier"),
    "filing_plan.imported": gettext_noop("Put an edition of the filing plan in force"),
    "filing_plan.withdrawn": gettext_noop("Withdrew an edition of the filing plan"),
    "classification.closed": gettext_noop("Closed a heading of the filing plan"),
    "body.created": gettext_noop("Added the body"),
    "body.exported": gettext_noop("Exported the body"),
    "body.imported": gettext_noop("Imported the body"),
    "membership.opened": gettext_noop("Joined a union"),
    "membership.closed": gettext_noop("Left a union"),
    "area.created": gettext_noop("Added a registry area"),
    "area.changed": gettext_noop("Changed a registry area"),
    "key.made": gettext_noop("Made a private key"),
    "certificate.installed": gettext_noop("Installed a certificate"),
    "authority.trusted": gettext_noop("Trusted an authority"),
    "authority.distrusted": gettext_noop("Stopped trusting an authority"),
    "program.added": gettext_noop("Let a program use the interface"),
    "program.granted": gettext_noop("Let a program do more"),
    "program.withdrawn": gettext_noop("Let a program do less"),
    "program.renewed": gettext_noop("Renewed the credential of a program"),
    "program.revoked": gettext_noop("Revoked a program"),
    "person.created": gettext_noop("Added a person"),
    "person.password_set": gettext_noop("Set a password"),
    "person.deactivated": gettext_noop("Closed an account"),
    "person.reactivated": gettext_noop("Opened an account again"),
    "person.left": gettext_noop("Noted that a person leaves"),
    "person.sessions_ended": gettext_noop("Ended the sessions of a person"),
    "role.granted": gettext_noop("Gave a role"),
    "role.revoked": gettext_noop("Ended a role"),
    "role.confirmed": gettext_noop("Confirmed a role"),
    "office.created": gettext_noop("Opened an office"),
    "office.changed": gettext_noop("Changed the contacts of an office"),
    "office.moved": gettext_noop("Moved or renamed an office"),
    "office.closed": gettext_noop("Closed an office"),
    "body.sign_in_policy_set": gettext_noop("Changed how staff sign in"),
    "post.opened": gettext_noop("Opened a post"),
    "post.closed": gettext_noop("Closed a post"),
    "post.filled": gettext_noop("Appointed somebody to a post"),
    "post.vacated": gettext_noop("Ended an appointment"),
    "absence.entered": gettext_noop("Entered an absence"),
    "absence.ended": gettext_noop("Ended an absence"),
    "second_factor.added": gettext_noop("Added a second factor"),
    "second_factor.removed": gettext_noop("Removed a second factor"),
    "second_factor.reset": gettext_noop("Reset the second factor of a person"),
    "second_factor.recovery_codes_made": gettext_noop("Made recovery codes"),
    "second_factor.recovery_code_used": gettext_noop("Signed in with a recovery code"),
}
"""What somebody did, by the kind of the fact."""

READINGS: Final = {
    "registration": gettext_noop("Opened the registration"),
    "document": gettext_noop("Opened a document"),
    "daily_register": gettext_noop("Opened a daily register"),
    "envelope": gettext_noop("Opened a message of the exchange"),
    "arrived_file": gettext_noop("Opened a file that arrived"),
    "mail": gettext_noop("Opened a mail"),
    "mailed_file": gettext_noop("Opened an attachment of a mail"),
    "register_copy": gettext_noop("Took a copy of the register"),
    "audit_log": gettext_noop("Looked at this log"),
}
"""What somebody looked at, by what the access log calls it."""

FINDINGS: Final = (
    gettext_noop("home"),
    gettext_noop("documents"),
    gettext_noop("disk"),
    gettext_noop("clock"),
    gettext_noop("pages"),
    gettext_noop("secrets"),
    gettext_noop("database"),
    gettext_noop("database role"),
    gettext_noop("tables"),
    gettext_noop("areas"),
    gettext_noop("trust"),
    gettext_noop("revocations"),
    gettext_noop("index"),
    gettext_noop("hub"),
    gettext_noop("worker"),
    gettext_noop("jobs"),
    gettext_noop("facts"),
    gettext_noop("notices"),
    gettext_noop("daily registers"),
    gettext_noop("preservation"),
    gettext_noop("area %(a)s"),
    gettext_noop("people of %(a)s"),
    gettext_noop("key %(a)s"),
    gettext_noop("enrolment of %(a)s"),
    gettext_noop("incidents of %(a)s"),
    gettext_noop("index from %(a)s"),
    gettext_noop("listener %(a)s"),
    gettext_noop("callers' addresses"),
    gettext_noop("mailbox %(a)s"),
    gettext_noop("it answers"),
    gettext_noop("%(a)s answers"),
    gettext_noop("%(a)s; its secrets are closed to others"),
    gettext_noop("other users may read %(a)s"),
    gettext_noop("%(a)s can be written"),
    gettext_noop("%(a)s cannot be written: %(b)s"),
    gettext_noop("give it to the node's user"),
    gettext_noop("%(a)s GB free of %(b)s"),
    gettext_noop("make room now: a full disk stops the database"),
    gettext_noop("make room, or give the node a larger disk"),
    gettext_noop("it follows the network's time"),
    gettext_noop("it does not follow the network's time"),
    gettext_noop("nobody here says whether it is right"),
    gettext_noop("apt install systemd-timesyncd (or chrony), and check `timedatectl`"),
    gettext_noop("it has no certificate: no other node can reach this one"),
    gettext_noop("they listen on %(a)s without TLS"),
    gettext_noop("their cookies do not insist on HTTPS"),
    gettext_noop("of their own connection: no proxy is set up"),
    gettext_noop("all that comes through the proxy counts as one caller: one stranger keeps the others out"),
    gettext_noop("%(a)s is not the name of a header"),
    gettext_noop("whoever reaches %(a)s past the proxy may write %(b)s himself"),
    gettext_noop("no proxy is set up: any caller may write %(a)s himself"),
    gettext_noop("proxies pass %(a)s on as the caller wrote it"),
    gettext_noop("as the proxy writes them in %(a)s"),
    gettext_noop('set [interface] address_header = "X-Real-IP" and let the proxy write that header'),
    gettext_noop('set [web] host = "127.0.0.1", where the proxy calls'),
    gettext_noop("take [interface] address_header away, or set [web] https = true"),
    gettext_noop("%(a)s owns nothing and cannot step over row-level security"),
    gettext_noop("they are up to the code"),
    gettext_noop("%(a)s migrations wait: %(b)s"),
    gettext_noop("crinale migrate, or restart the node"),
    gettext_noop("it has no register"),
    gettext_noop("it has no address"),
    gettext_noop("it has no offices"),
    gettext_noop("its default heading %(a)s is not in the filing plan"),
    gettext_noop("nobody may register"),
    gettext_noop("nobody answers for the register (annulments, emergencies, incidents)"),
    gettext_noop("somebody registers, somebody answers for the register"),
    gettext_noop("%(a)s should be frozen and are not"),
    gettext_noop("see that the worker runs, and its log"),
    gettext_noop("none is late"),
    gettext_noop("%(a)s daily registers should be delivered and are not"),
    gettext_noop("see [preservation] in node.toml, then the page of the daily registers for refusals"),
    gettext_noop("no daily register is late"),
    gettext_noop("no authority is trusted: no other node is believed"),
    gettext_noop("the machine listener trusts others than the node"),
    gettext_noop("%(a)s ends in %(b)s days"),
    gettext_noop("%(a)s cannot be read: %(b)s"),
    gettext_noop("no trusted authority signed the list of %(a)s: it is not looked at"),
    gettext_noop("the list of %(a)s was due for renewal on %(b)s"),
    gettext_noop("fetch the newest, then: crinale keys trust add FILE"),
    gettext_noop("%(a)s: %(b)s revoked"),
    gettext_noop("missing: nothing can be sealed"),
    gettext_noop("missing: nothing can be sent or received"),
    gettext_noop("missing: no other node can be called"),
    gettext_noop("a key waits for its certificate"),
    gettext_noop("a certificate is staged"),
    gettext_noop("it is not believed: %(a)s"),
    gettext_noop("it expires in %(a)s days"),
    gettext_noop("valid for %(a)s days"),
    gettext_noop("it is empty: nobody can be written to"),
    gettext_noop("failing since %(a)s UTC: %(b)s"),
    gettext_noop("see `crinale index refresh`; the last copy stays in use"),
    gettext_noop("%(a)s days old"),
    gettext_noop("%(a)s rows, as of %(b)s UTC"),
    gettext_noop("this hub has published nothing"),
    gettext_noop("this node is the hub, and has published an edition"),
    gettext_noop("this node has none"),
    gettext_noop("see that it runs, that its certificate is trusted here, and that it trusts this node's"),
    gettext_noop("the index does not know it: others cannot write to it"),
    gettext_noop("the index has another %(a)s"),
    gettext_noop("the index has its address and its certificates"),
    gettext_noop("%(a)s messages have an open incident or failed for good"),
    gettext_noop("the queue of its pages says whom to call"),
    gettext_noop("none"),
    gettext_noop("this node has no password for it"),
    gettext_noop("nobody read it for an hour"),
    gettext_noop("see that the worker runs; then %(a)s"),
    gettext_noop("read, and its servers answer"),
    gettext_noop("none gives a sign of life: nothing is sent, confirmed or frozen"),
    gettext_noop("no periodic work was begun in the last minute"),
    gettext_noop("%(a)s at work"),
    gettext_noop("%(a)s failed for good: %(b)s"),
    gettext_noop("the worker's log has the reasons; they are kept for a month"),
    gettext_noop("one has been waiting for %(a)s minutes"),
    gettext_noop("see that a worker runs"),
    gettext_noop("%(a)s wait, %(b)s are being done, none failed"),
    gettext_noop("they are not being sealed"),
    gettext_noop("some wait to be sealed since %(a)s UTC and could be changed unseen"),
    gettext_noop("see the worker's log, then: crinale audit verify"),
    gettext_noop("%(a)s batches, the newest of %(b)s UTC"),
    gettext_noop("%(a)s batches"),
    gettext_noop("none by mail: people see what waits for them on their page"),
    gettext_noop("%(a)s could not be sent: %(b)s"),
    gettext_noop("see [notices] in node.toml, and the addresses of the people"),
    gettext_noop("sent by mail"),
    gettext_noop("it could not be looked at: %(a)s"),
    gettext_noop("see the logs of the node"),
)
"""What the checks of the node say; in the place of a name stands a value."""

_FORMULA: Final = re.compile(r"[=+\-@\t\r]")


def fact_in_words(kind: str) -> str:
    """Say what a kind of fact is; its own name where nobody gave it words."""
    return gettext(FACTS[kind]) if kind in FACTS else kind


def reading_in_words(what: str) -> str:
    """Say what was looked at; as the log calls it where nobody gave it words."""
    return gettext(READINGS[what]) if what in READINGS else what


def in_words(text: str) -> str:
    """Say a sentence of a finding in the language of the page; a command or an unknown one stays as it is."""
    for pattern, source in _patterns():
        if found := pattern.fullmatch(text):
            return gettext(source) % found.groupdict() if found.groupdict() else gettext(source)
    return text


def safe_cell(text: str) -> str:
    """Write a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    made = []
    for source in FINDINGS:
        words = re.split(r"%\((\w+)\)s", source)
        groups = (f"(?P<{part}>.+?)" if place % 2 else re.escape(part) for place, part in enumerate(words))
        made.append((re.compile("".join(groups), re.DOTALL), source))
    # The one with most words of its own first: "%(a)s answers" would take "it answers" too.
    return tuple(sorted(made, key=lambda one: (one[1].count("%("), -len(one[1]))))
