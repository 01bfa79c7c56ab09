"""Lists of revoked certificates (RFC 5280, section 5): checked against the authority that signed them, kept.

One file per authority: a newer list takes the place of the older one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from crinale.config.administration import facts, key_files
from crinale.config.node import replace_file
from crinale.config.trust_folder import TrustFolder
from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crinale.config.administration.operators import Operator

    RevocationList = x509.CertificateRevocationList


def issuer_of(revocation_list: RevocationList, known: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The authority among those known that signed a list."""
    for one in known:
        key = one.public_key()
        if (
            one.subject == revocation_list.issuer
            and isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
            and revocation_list.is_signature_valid(key)
        ):
            return one
    return None


def is_overdue(revocation_list: RevocationList) -> bool:
    """Whether the authority has published a newer list by now."""
    until = revocation_list.next_update_utc
    return until is not None and until <= clock.now()


def keep(
    *,
    operator: Operator,
    folder: Path,
    given: Sequence[RevocationList],
    known: Sequence[x509.Certificate],
) -> list[RevocationList]:
    """Keep the lists that are new in a trust folder; ``known`` are the authorities that may have signed them.

    :raises Invalid: when nobody known signed one, it is overdue, partial, or older than the one at hand.
    """
    held = dict(TrustFolder.read(folder).revocation_lists)
    fresh: dict[Path, RevocationList] = {}
    for one in given:
        file = folder / _file_name(one, _checked_issuer(one, known))
        before = held.get(file)
        if before is not None and _begins(one) < _begins(before):
            raise Invalid("file", f"a newer list of {key_files.common_name(one.issuer)} is here already")
        if before != one:
            fresh[file] = one
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file, one in fresh.items():
        fact = facts.RevocationListTaken(
            operator=operator.user,
            authority=one.issuer.rfc4514_string(),
            this_update=one.last_update_utc,
            next_update=one.next_update_utc,
            revoked=len(one),
            sha256=digest_of(one),
        )
        with tenancy.no_scope():
            audit.write(fact, actor=operator.actor)
        replace_file(file, one.public_bytes(Encoding.PEM).decode())
    return list(fresh.values())


def digest_of(revocation_list: RevocationList) -> str:
    """The SHA-256 of a list."""
    return revocation_list.fingerprint(hashes.SHA256()).hex()


def _begins(revocation_list: RevocationList) -> float:
    return revocation_list.last_update_utc.timestamp()


def _checked_issuer(revocation_list: RevocationList, known: Sequence[x509.Certificate]) -> x509.Certificate:
    name = key_files.common_name(revocation_list.issuer)
    issuer = issuer_of(revocation_list, known)
    if issuer is None:
        raise Invalid("file", f"no authority that is trusted here signed the list of {name}: trust it first")
    if is_overdue(revocation_list):
        raise Invalid("file", f"the list of {name} is overdue: fetch the newest that it publishes")
    if _extension(revocation_list, x509.DeltaCRLIndicator) is not None:
        raise Invalid("file", f"the list of {name} has only the changes to another: fetch the whole one")
    return issuer


def _extension(revocation_list: RevocationList, kind: type[x509.ExtensionType]) -> x509.ExtensionType | None:
    try:
        return revocation_list.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _file_name(revocation_list: RevocationList, issuer: x509.Certificate) -> str:
    """One file per authority, and per part where it publishes its list in parts."""
    part = _extension(revocation_list, x509.IssuingDistributionPoint)
    which = issuer.fingerprint(hashes.SHA256()) + (part.public_bytes() if part else b"")
    return f"{key_files.plain_name(issuer.subject)}-{hashlib.sha256(which).hexdigest()[:8]}.crl"
