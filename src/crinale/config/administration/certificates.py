"""The keys of a node through their life: request, install (now or staged), activate, list.

Files change last, inside the transaction of their fact: a fact is never told of a file that was not written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from crinale.config.administration import authorities, facts, key_files
from crinale.config.administration.key_files import KeyPlace, KeyUse
from crinale.config.node import replace_file
from crinale.config.node_keys import NodeKeys
from crinale.kernel import clock
from crinale.kernel.errors import Invalid
from crinale.spine import audit, tenancy
from crinale.spine.tenancy import queries as tenancy_queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from crinale.config.administration.key_files import KeyKind
    from crinale.config.administration.operators import Operator
    from crinale.config.node import NodeHome
    from crinale.spine.tenancy.queries import AreaRef

RENEWAL_DAYS: Final = 30
_SECONDS_PER_DAY: Final = 86_400


@dataclass(frozen=True, kw_only=True)
class CertificateView:
    """A certificate as people read it. `state`: in use, next (staged), requested (a key alone), missing."""

    place: KeyPlace
    state: str
    subject: str = ""
    issuer: str = ""
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @property
    def days_left(self) -> int | None:
        """Whole days to its expiry, negative after it."""
        if self.valid_to is None:
            return None
        return int((self.valid_to - clock.now()).total_seconds() // _SECONDS_PER_DAY)


def request(
    *,
    operator: Operator,
    home: NodeHome,
    use: KeyUse,
    kind: KeyKind,
    area: AreaRef | None = None,
    hosts: Sequence[str] = (),
) -> tuple[KeyPlace, str]:
    """Make the next key of a place and return the request for its certificate; what is in use stays in use.

    Asked again before the certificate came, it makes another key and another request.

    :raises Invalid: when the area or the host names lack.
    """
    place = _place(home, use, area)
    if place.next_certificate.exists():
        raise Invalid("use", f"a certificate waits already: first `crinale keys activate {place.name}`")
    if use is KeyUse.TLS:
        if not hosts:
            raise Invalid("hosts", "name the hosts by which other nodes call this one")
        subject = key_files.server_subject(hosts[0])
    else:
        assert area is not None  # noqa: S101  _place asked for it
        common_name = area.name if use is KeyUse.SEAL else area.code
        subject = key_files.organization_name(
            body=area.body_name, ipa_code=area.body_ipa, common_name=common_name
        )
    key = key_files.make_key(kind)
    text = key_files.make_request(key, use=use, subject=subject, hosts=hosts)
    _write_fact(
        facts.KeyMade(
            operator=operator.user,
            use=use,
            area=place.area_code,
            algorithm=kind,
            public_key_sha256=key_files.public_digest(key),
        ),
        operator,
        area,
    )
    key_files.write_key(place.next_key, key)
    replace_file(place.request, text)
    return place, text


def install(
    *,
    operator: Operator,
    home: NodeHome,
    use: KeyUse,
    content: bytes,
    area: AreaRef | None = None,
    stage: bool = False,
) -> tuple[CertificateView, list[str]]:
    """Install what an authority returned: the certificate of the requested key, or another of the key in use.

    Issuers in the same file are kept and sent along. With `stage` it waits for `activate`. Returns what it
    says and warnings.

    :raises Invalid: when it is of no key of this place, expired, or not meant for this use.
    """
    place = _place(home, use, area)
    given = key_files.read_certificates(content)
    key_file, own = _own(place, given)
    chain = [one for one in given if one != own and one.subject != one.issuer]
    _check_use(own, use)
    if own.not_valid_after_utc <= clock.now():
        raise Invalid(
            "file", f"this certificate expired on {own.not_valid_after_utc:%Y-%m-%d}: ask for a new one"
        )
    if own.not_valid_before_utc > clock.now() and not stage:
        raise Invalid("file", f"it is valid only from {own.not_valid_before_utc}: install it with --stage")
    pem = key_files.pem_of([own, *chain])
    warnings = _warnings(home, own, chain)
    if stage:
        place.next_certificate.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if key_file == place.key:
            key_files.write_key(place.next_key, key_files.read_key(place.key))
        replace_file(place.next_certificate, pem)
        return _view(place, "next", own), warnings
    _write_installed(operator, place, own, area)
    _put_in_use(place, key_file, pem)
    authorities.open_machine_listener(home)
    return _view(place, "in use", own), warnings


def activate(
    *, operator: Operator, home: NodeHome, use: KeyUse, area: AreaRef | None = None
) -> CertificateView:
    """Put the staged key and certificate of a place in use.

    :raises Invalid: when none waits.
    """
    place = _place(home, use, area)
    if not place.next_certificate.is_file():
        raise Invalid(
            "use", f"no certificate waits for {place.name}: `crinale keys install ... --stage` puts one there"
        )
    pem = place.next_certificate.read_bytes()
    own = key_files.read_certificates(pem)[0]
    _write_installed(operator, place, own, area)
    _put_in_use(place, place.next_key, pem.decode())
    authorities.open_machine_listener(home)
    return _view(place, "in use", own)


def views(home: NodeHome) -> list[CertificateView]:
    """Every key of the node and of its areas; an area without a key has a row that says so."""
    keys = NodeKeys(home.secrets)
    places = [KeyPlace.of(keys, KeyUse.TLS)]
    places += [
        KeyPlace.of(keys, use, area.code)
        for area in tenancy_queries.areas()
        for use in (KeyUse.SEAL, KeyUse.MESSAGE)
    ]
    found = []
    for place in places:
        if place.certificate.is_file():
            found.append(
                _view(place, "in use", key_files.read_certificates(place.certificate.read_bytes())[0])
            )
        else:
            found.append(CertificateView(place=place, state="missing"))
        if place.next_certificate.is_file():
            staged = key_files.read_certificates(place.next_certificate.read_bytes())[0]
            found.append(_view(place, "next", staged))
        elif place.next_key.is_file():
            found.append(CertificateView(place=place, state="requested"))
    return found


def _place(home: NodeHome, use: KeyUse, area: AreaRef | None) -> KeyPlace:
    if use is not KeyUse.TLS and area is None:
        raise Invalid("area", f"say of which area: a {use} belongs to one")
    if use is KeyUse.TLS and area is not None:
        raise Invalid("area", "the TLS certificate is the node's own: leave --area out")
    return KeyPlace.of(NodeKeys(home.secrets), use, area.code if area else "")


def _own(place: KeyPlace, given: Sequence[x509.Certificate]) -> tuple[Path, x509.Certificate]:
    """Find the certificate of one of the place's keys, the requested one first."""
    files = [file for file in (place.next_key, place.key) if file.is_file()]
    if not files:
        raise Invalid(
            "use", f"no key was made for {place.name}: first `crinale keys request {place.use} ...`"
        )
    for file in files:
        public = key_files.read_key(file).public_key()
        for one in given:
            if one.public_key() == public:
                return file, one
    raise Invalid(
        "file", f"none of its certificates is of the key made for {place.name}: was it of another request?"
    )


def _check_use(certificate: x509.Certificate, use: KeyUse) -> None:
    try:
        key_usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        key_usage = None
    if key_usage and not (
        key_usage.digital_signature or (use is KeyUse.SEAL and key_usage.content_commitment)
    ):
        raise Invalid("file", f"its key usage does not allow signatures, so it is no certificate for {use}")
    if use is not KeyUse.TLS:
        return
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return
    if not {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH} <= set(purposes):
        raise Invalid(
            "file", "a node is server and client: ask for a certificate with serverAuth and clientAuth"
        )


def _warnings(home: NodeHome, own: x509.Certificate, chain: Sequence[x509.Certificate]) -> list[str]:
    warnings = []
    verdict = authorities.trust_store(home).check(
        own, at=max(clock.now(), own.not_valid_before_utc), extra=chain
    )
    if not verdict.valid:
        warnings.append(
            f"this node does not believe it ({verdict.reason} {verdict.detail}): trust its root with"
            " `crinale keys trust add`, or add the intermediate certificates to the file"
        )
    days = (own.not_valid_after_utc - clock.now()).days
    if days <= RENEWAL_DAYS:
        warnings.append(f"it expires in {days} days")
    return warnings


def _put_in_use(place: KeyPlace, key_file: Path, pem: str) -> None:
    """Replace key, then certificate; what waited goes last, so that doing it again mends a crash."""
    if key_file != place.key:
        key_files.write_key(place.key, key_files.read_key(key_file))
    replace_file(place.certificate, pem)
    for file in (place.next_key, place.next_certificate, place.request):
        file.unlink(missing_ok=True)


def _view(place: KeyPlace, state: str, certificate: x509.Certificate) -> CertificateView:
    return CertificateView(
        place=place,
        state=state,
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
    )


def _write_installed(
    operator: Operator, place: KeyPlace, own: x509.Certificate, area: AreaRef | None
) -> None:
    fact = facts.CertificateInstalled(
        operator=operator.user,
        use=place.use,
        area=place.area_code,
        subject=own.subject.rfc4514_string(),
        issuer=own.issuer.rfc4514_string(),
        not_after=own.not_valid_after_utc,
        sha256=authorities.digest_of(own),
    )
    _write_fact(fact, operator, area)


def _write_fact(fact: facts.Administered, operator: Operator, area: AreaRef | None) -> None:
    with tenancy.no_scope() if area is None else tenancy.scope(area.body_id):
        audit.write(fact, actor=operator.actor)
