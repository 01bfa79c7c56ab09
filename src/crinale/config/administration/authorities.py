"""Whom a node trusts: the root authorities of TLS, messages and seals, one file each in `secrets/trust`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from crinale.config.administration import facts, key_files
from crinale.config.node import replace_file
from crinale.config.node_keys import NodeKeys
from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy
from crinale.spine.records.signatures.certificates import TrustStore, has_strong_key

if TYPE_CHECKING:
    from pathlib import Path

    from crinale.config.administration.operators import Operator
    from crinale.config.node import NodeHome


def trust_store(home: NodeHome) -> TrustStore:
    """The authorities that the node believes."""
    return TrustStore([one for _, one in authorities(home)])


def authorities(home: NodeHome) -> list[tuple[Path, x509.Certificate]]:
    """The authorities that the node believes, with their files."""
    return [
        (file, one)
        for file in NodeKeys(home.secrets).authorities()
        for one in key_files.read_certificates(file.read_bytes())
    ]


def trust(*, operator: Operator, home: NodeHome, content: bytes) -> list[x509.Certificate]:
    """Believe the authorities in a file: for TLS, messages and seals. Returns those that are new.

    :raises Invalid: when one is no root authority that is still valid.
    """
    given = key_files.read_certificates(content)
    for one in given:
        _check_root(one)
    known = {one for _, one in authorities(home)}
    fresh = [one for one in given if one not in known]
    for one in fresh:
        fact = facts.AuthorityTrusted(
            operator=operator.user, authority=one.subject.rfc4514_string(), sha256=digest_of(one)
        )
        with tenancy.no_scope():
            audit.write(fact, actor=operator.actor)
    folder = NodeKeys(home.secrets).trust
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in fresh:
        replace_file(folder / _authority_file(one), key_files.pem_of([one]))
    open_machine_listener(home)
    return fresh


def distrust(*, operator: Operator, home: NodeHome, file_name: str) -> list[str]:
    """Believe the authorities of a file of the trust folder no more; returns their names.

    :raises Invalid: when there is no such file.
    """
    held = [(file, one) for file, one in authorities(home) if file.name in {file_name, f"{file_name}.pem"}]
    if not held:
        names = ", ".join(sorted({file.name for file, _ in authorities(home)})) or "none"
        raise Invalid("name", f"no authority is kept under {file_name}; there is {names}")
    for _, one in held:
        fact = facts.AuthorityDistrusted(
            operator=operator.user, authority=one.subject.rfc4514_string(), sha256=digest_of(one)
        )
        with tenancy.no_scope():
            audit.write(fact, actor=operator.actor)
    for file, _ in held:
        file.unlink(missing_ok=True)
    open_machine_listener(home)
    return [key_files.common_name(one.subject) for _, one in held]


def open_machine_listener(home: NodeHome) -> None:
    """Gather the authorities for the machine listener; enter it in node.toml once it can start."""
    keys = NodeKeys(home.secrets)
    known = [one for _, one in authorities(home)]
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


def _check_root(certificate: x509.Certificate) -> None:
    name = key_files.common_name(certificate.subject)
    try:
        rights = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound:
        rights = None
    if rights is None or not rights.ca or not has_strong_key(certificate):
        raise Invalid("file", f"{name} is not the certificate of an authority")
    if certificate.subject != certificate.issuer:
        issuer = key_files.common_name(certificate.issuer)
        raise Invalid("file", f"{name} is an intermediate authority: trust its root, {issuer}")
    if certificate.not_valid_after_utc <= clock.now():
        raise Invalid("file", f"{name} expired on {certificate.not_valid_after_utc:%Y-%m-%d}")


def _authority_file(certificate: x509.Certificate) -> str:
    name = key_files.common_name(certificate.subject)
    plain = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-")[:40]
    return f"{plain or 'authority'}-{digest_of(certificate)[:8]}.pem"
