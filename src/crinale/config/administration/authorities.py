"""Whom a node trusts: authorities, one file each.

Those of `secrets/trust` count for TLS between nodes, messages and seals; those of `secrets/mail/authorities`
for providers of certified mail and for mail servers. Neither counts for the other.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes

from crinale.config.administration import facts, key_files, revocations
from crinale.config.node import replace_file
from crinale.config.node_keys import NodeKeys
from crinale.config.trust_folder import TrustFolder, is_root, read_lists
from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy
from crinale.spine.records.signatures.certificates import has_strong_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crinale.config.administration.operators import Operator
    from crinale.config.node import NodeHome
    from crinale.spine.records.signatures.certificates import TrustStore


class TrustUse(StrEnum):
    """What an authority is trusted for."""

    NETWORK = "network"
    MAIL = "mail"


def trust_folder(home: NodeHome, use: TrustUse = TrustUse.NETWORK) -> Path:
    """The folder of the authorities that are trusted for something."""
    keys = NodeKeys(home.secrets)
    return keys.mail_trust if use is TrustUse.MAIL else keys.trust


def trust_store(home: NodeHome) -> TrustStore:
    """Whom the node believes about other nodes."""
    return TrustFolder.read(trust_folder(home)).store()


def authorities(home: NodeHome, use: TrustUse = TrustUse.NETWORK) -> list[tuple[Path, x509.Certificate]]:
    """The authorities that the node believes, roots and intermediate ones, with their files."""
    return TrustFolder.read(trust_folder(home, use)).authorities()


@dataclass(frozen=True)
class Trusted:
    """What was new in a file of authorities and lists."""

    authorities: list[x509.Certificate]
    revocation_lists: list[x509.CertificateRevocationList]


def trust(*, operator: Operator, home: NodeHome, content: bytes, use: TrustUse = TrustUse.NETWORK) -> Trusted:
    """Take the authorities in a file, roots and those below them, and lists of what they revoked.

    They count for one use only. Returns what is new.

    :raises Invalid: when a certificate is none of an authority that is still valid, or leads to no trusted
        root, or no such authority signed a list.
    """
    given, lists = _read(content)
    for one in given:
        _check_authority(one)
    folder = trust_folder(home, use)
    known = [one for _, one in authorities(home, use)]
    fresh = [one for one in given if one not in known]
    _check_paths(fresh, [*known, *(one for one in fresh if is_root(one))])
    fresh_lists = revocations.keep(operator=operator, folder=folder, given=lists, known=[*known, *fresh])
    for one in fresh:
        with tenancy.no_scope():
            audit.write(_fact(operator, one, use), actor=operator.actor)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in fresh:
        replace_file(folder / _authority_file(one), key_files.pem_of([one]))
    if use is TrustUse.NETWORK:
        open_machine_listener(home)
    return Trusted(fresh, fresh_lists)


def distrust(
    *, operator: Operator, home: NodeHome, file_name: str, use: TrustUse = TrustUse.NETWORK
) -> list[str]:
    """Take a file out of a trust folder; returns whose authorities or lists were in it.

    :raises Invalid: when there is no such file.
    """
    kept = TrustFolder.read(trust_folder(home, use))
    certificates = [(file, one) for file, one in kept.authorities() if _is_called(file, file_name)]
    lists = [(file, one) for file, one in kept.revocation_lists if _is_called(file, file_name)]
    broken = [file for file, _ in kept.unreadable if _is_called(file, file_name)]
    gone = {file for file, _ in certificates} | {file for file, _ in lists} | set(broken)
    if not gone:
        files = {file.name for file, _ in (*kept.authorities(), *kept.revocation_lists, *kept.unreadable)}
        there = ", ".join(sorted(files)) or "none"
        raise Invalid("name", f"no authority is kept under {file_name}; there is {there}")
    told: list[facts.Administered] = [
        facts.AuthorityDistrusted(
            operator=operator.user,
            authority=one.subject.rfc4514_string(),
            sha256=digest_of(one),
            use=use,
        )
        for _, one in certificates
    ]
    told += [
        facts.RevocationListRemoved(
            operator=operator.user, authority=one.issuer.rfc4514_string(), sha256=revocations.digest_of(one)
        )
        for _, one in lists
    ]
    with tenancy.no_scope():
        audit.write_many(told, actor=operator.actor)
    for file in gone:
        file.unlink(missing_ok=True)
    if use is TrustUse.NETWORK:
        open_machine_listener(home)
    return [
        *(key_files.common_name(one.subject) for _, one in certificates),
        *(f"the list of {key_files.common_name(one.issuer)}" for _, one in lists),
        *(file.name for file in broken),
    ]


def open_machine_listener(home: NodeHome) -> None:
    """Gather the roots for the machine listener; enter it in node.toml once it can start."""
    keys = NodeKeys(home.secrets)
    known = [one for _, one in TrustFolder.read(keys.trust).roots]
    if not known:
        return
    keys.client_authorities.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(keys.client_authorities, key_files.pem_of(known))
    if keys.tls_certificate.is_file() and not home.settings().get("machine", {}).get("certificate"):
        relative = {
            name: str(file.relative_to(home.root))
            for name, file in (
                ("certificate", keys.tls_certificate),
                ("key", keys.tls_key),
                ("client_ca", keys.client_authorities),
            )
        }
        home.update_settings(machine=relative)


def digest_of(certificate: x509.Certificate) -> str:
    """The SHA-256 of a certificate."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _read(content: bytes) -> tuple[list[x509.Certificate], list[x509.CertificateRevocationList]]:
    lists: list[x509.CertificateRevocationList] = []
    with contextlib.suppress(ValueError):
        lists = read_lists(content)
    if lists and b"-----BEGIN CERTIFICATE-----" not in content:
        return [], lists
    return key_files.read_certificates(content), lists


def _check_authority(certificate: x509.Certificate) -> None:
    name = key_files.common_name(certificate.subject)
    try:
        rights = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        rights = None
    if rights is None or not rights.ca or not has_strong_key(certificate):
        raise Invalid("file", f"{name} is not the certificate of an authority")
    if certificate.not_valid_after_utc <= clock.now():
        raise Invalid("file", f"{name} expired on {certificate.not_valid_after_utc:%Y-%m-%d}")


def _check_paths(fresh: Sequence[x509.Certificate], trusted: list[x509.Certificate]) -> None:
    """Refuse an intermediate authority that neither a trusted one nor another new one below it certified."""
    waiting = [one for one in fresh if one not in trusted]
    while waiting:
        reached = [one for one in waiting if any(_certified(one, by) for by in trusted)]
        if not reached:
            name, issuer = (key_files.common_name(n) for n in (waiting[0].subject, waiting[0].issuer))
            raise Invalid("file", f"{name} is an intermediate authority: first trust its root, {issuer}")
        trusted = [*trusted, *reached]
        waiting = [one for one in waiting if one not in reached]


def _certified(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _fact(operator: Operator, authority: x509.Certificate, use: TrustUse) -> facts.Administered:
    name, digest = authority.subject.rfc4514_string(), digest_of(authority)
    if is_root(authority):
        return facts.AuthorityTrusted(operator=operator.user, authority=name, sha256=digest, use=use)
    return facts.IntermediateKnown(
        operator=operator.user,
        authority=name,
        issuer=authority.issuer.rfc4514_string(),
        sha256=digest,
        use=use,
    )


def _is_called(file: Path, name: str) -> bool:
    return name in {file.name, file.stem}


def _authority_file(certificate: x509.Certificate) -> str:
    return f"{key_files.plain_name(certificate.subject)}-{digest_of(certificate)[:8]}.pem"
