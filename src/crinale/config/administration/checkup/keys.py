"""Keys and certificates: there, fitting, believed by this node itself, and not about to expire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crinale.config.administration import authorities as trusted
from crinale.config.administration import certificates as kept
from crinale.config.administration import key_files, mailboxes, revocations
from crinale.config.administration.authorities import TrustUse
from crinale.config.administration.checkup.findings import Finding, bad, good, warning
from crinale.config.administration.key_files import KeyUse
from crinale.config.administration.operators import Operator
from crinale.config.node_keys import NodeKeys
from crinale.config.trust_folder import TrustFolder
from crinale.connectors.file_keys import FileSealKey
from crinale.kernel import clock
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cryptography import x509

    from crinale.config.administration.certificates import CertificateView
    from crinale.config.node import NodeHome

_CONSEQUENCE: Final = {
    KeyUse.SEAL: "nothing can be sealed",
    KeyUse.MESSAGE: "nothing can be sent or received",
    KeyUse.TLS: "no other node can be called",
}


def authorities(home: NodeHome) -> Iterator[Finding]:
    """Somebody is trusted, and the machine listener knows all whom the node trusts."""
    known = trusted.authorities(home)
    if not known:
        yield bad(
            "trust", "no authority is trusted: no other node is believed", "crinale keys trust add FILE"
        )
        return
    yield from _ending(known, "trust")
    gathered = NodeKeys(home.secrets).client_authorities
    if home.settings().get("machine", {}).get("client_ca") == str(gathered.relative_to(home.root)):
        listed = set(key_files.read_certificates(gathered.read_bytes()))
        if listed != {one for _, one in TrustFolder.read(trusted.trust_folder(home)).roots}:
            remedy = "crinale keys trust add FILE again, then restart the node"
            yield bad("trust", "the machine listener trusts others than the node", remedy)
    yield good("trust", _names(known))


def mail_authorities(home: NodeHome) -> Iterator[Finding]:
    """Somebody vouches for certified mail, where a certified mailbox is read."""
    known = trusted.authorities(home, TrustUse.MAIL)
    simulated = bool(home.settings().get("mail", {}).get("provider_folder"))
    boxes = [one.view for one in mailboxes.known(Operator.at_console())]
    if not known and not simulated and any(one.certified and one.active for one in boxes):
        yield bad(
            "mail trust",
            "no authority is trusted for mail: receipts and envelopes of certified mail prove nothing here",
            "crinale keys trust add --mail FILE",
        )
    yield from _ending(known, "mail trust", option=" --mail")
    if known:
        yield good("mail trust", _names(known))


def _ending(
    known: Sequence[tuple[Path, x509.Certificate]], subject: str, *, option: str = ""
) -> Iterator[Finding]:
    for file, one in known:
        days = (one.not_valid_after_utc - clock.now()).days
        if days < kept.RENEWAL_DAYS:
            remedy = f"crinale keys trust add{option} with its successor"
            after = f", then keys trust remove{option} {file.name}"
            yield warning(
                subject, f"{key_files.common_name(one.subject)} ends in {days} days", remedy + after
            )


def _names(known: Sequence[tuple[Path, x509.Certificate]]) -> str:
    return ", ".join(sorted(key_files.common_name(one.subject) for _, one in known))


def revocation_lists(home: NodeHome) -> Iterator[Finding]:
    """Each list of revoked certificates can be read, is of a trusted authority and the newest one."""
    for use in TrustUse:
        option = " --mail" if use is TrustUse.MAIL else ""
        yield from _lists(TrustFolder.read(trusted.trust_folder(home, use)), option)


def _lists(kept: TrustFolder, option: str) -> Iterator[Finding]:
    for file, why in kept.unreadable:
        yield bad(
            "revocations",
            f"{file.name} cannot be read: {why}",
            f"crinale keys trust add{option} with another copy",
        )
    for file, one in kept.revocation_lists:
        name = key_files.common_name(one.issuer)
        if revocations.issuer_of(one, [authority for _, authority in kept.authorities()]) is None:
            seen = f"no trusted authority signed the list of {name}: it is not looked at"
            remedy = f"trust {name}, or crinale keys trust remove{option} {file.name}"
            yield warning("revocations", seen, remedy)
        elif revocations.is_overdue(one):
            seen = f"the list of {name} was due for renewal on {one.next_update_utc:%Y-%m-%d}"
            yield bad("revocations", seen, f"fetch the newest, then: crinale keys trust add{option} FILE")
        else:
            yield good("revocations", f"{name}: {len(one)} revoked")


def certificates(home: NodeHome) -> Iterator[Finding]:
    """Each key that the node needs."""
    for view in kept.views(home):
        if view.state == "in use":
            yield _in_use(view, home)
        elif view.state == "missing":
            place = view.place
            area = f" --area {place.area_code}" if place.area_code else " --host NAME"
            yield bad(
                f"key {place.name}",
                f"missing: {_CONSEQUENCE[place.use]}",
                f"crinale keys request {place.use}{area}",
            )
        else:
            seen = (
                "a key waits for its certificate" if view.state == "requested" else "a certificate is staged"
            )
            verb = "install" if view.state == "requested" else "activate"
            yield warning(f"key {view.place.name}", seen, f"crinale keys {verb} {view.place.use}")


def _in_use(view: CertificateView, home: NodeHome) -> Finding:
    subject, days = f"key {view.place.name}", view.days_left or 0
    try:
        key = FileSealKey.load(key=view.place.key, certificate=view.place.certificate)
    except CrinaleError as error:
        return bad(subject, str(error), f"crinale keys request {view.place.use} ...")
    verdict = trusted.trust_store(home).check(key.certificate, at=clock.now(), extra=key.chain)
    renew = f"crinale keys request {view.place.use} ..., then keys install"
    if days < 0 or not verdict.valid:
        return bad(subject, f"it is not believed: {verdict.reason} {verdict.detail}".rstrip(), renew)
    if days < kept.RENEWAL_DAYS:
        return warning(subject, f"it expires in {days} days", renew)
    return good(subject, f"valid for {days} days")
