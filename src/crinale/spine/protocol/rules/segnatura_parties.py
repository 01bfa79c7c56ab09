"""Senders and recipients in a segnatura 3.0.0 (Allegato 6, SoggettoType), as canonical text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.spine.protocol.rules.segnatura_elements import element, optional
from crinale.spine.records.signatures.canonical import attribute, text

if TYPE_CHECKING:
    from crinale.spine.protocol.rules.parties import PartyData


def party_text(party: PartyData, *, field: str) -> str:
    """Write a SoggettoType: one of its four kinds; ``field`` is the path that errors name."""
    if party.kind == "administration":
        return _administration(party, field)
    if party.kind == "legal_person":
        return "".join(
            (
                "<prot:PersonaGiuridica>",
                element("Denominazione", party.name, field=f"{field}.name"),
                optional("PIVAoCF", party.tax_code, field=f"{field}.tax_code"),
                _contacts("ContattiPersonaGiuridica", party, field),
                _person_inside(party, field),
                "</prot:PersonaGiuridica>",
            )
        )
    if party.kind == "natural_person":
        return _person(party, field, contacts=True)
    return "".join(
        (
            "<prot:AmministrazioneEstera>",
            element("DenominazioneAmministrazione", party.name, field=f"{field}.name"),
            optional("DenominazioneUfficio", party.office_name, field=f"{field}.office_name"),
            _contacts("ContattiAmministrazione", party, field),
            "</prot:AmministrazioneEstera>",
        )
    )


def _administration(party: PartyData, field: str) -> str:
    # The contacts are those of the narrowest unit that is named.
    units = [party.ipa_code, party.aoo_code, party.office_code]
    narrowest = max(position for position, code in enumerate(units) if code or position == 0)
    return "".join(
        (
            "<prot:Amministrazione>",
            element("DenominazioneAmministrazione", party.name, field=f"{field}.name"),
            optional("CFAmministrazione", party.tax_code, field=f"{field}.tax_code"),
            element("CodiceIPAAmministrazione", party.ipa_code, field=f"{field}.ipa_code"),
            _contacts("ContattiAmministrazione", party, field) if narrowest == 0 else "",
            _code("CodiceIPAAOO", party.aoo_code, party.aoo_name, field=f"{field}.aoo_name"),
            _contacts("ContattiAOO", party, field) if narrowest == 1 else "",
            _code("CodiceIPAUO", party.office_code, party.office_name, field=f"{field}.office_name"),
            _contacts("ContattiUO", party, field) if narrowest == 2 else "",
            _person_inside(party, field),
            "</prot:Amministrazione>",
        )
    )


def _person_inside(party: PartyData, field: str) -> str:
    return _person(party, field, contacts=False) if party.last_name else ""


def _person(party: PartyData, field: str, *, contacts: bool) -> str:
    # Inside a body or a firm, the tax code and the contacts are those of the body or firm.
    return "".join(
        (
            "<prot:PersonaFisica>",
            element("Nome", party.first_name, field=f"{field}.first_name"),
            element("Cognome", party.last_name, field=f"{field}.last_name"),
            optional("Titolo", party.title, field=f"{field}.title"),
            optional("CodiceFiscale", party.tax_code, field=f"{field}.tax_code") if contacts else "",
            _contacts("Contatti", party, field) if contacts else "",
            "</prot:PersonaFisica>",
        )
    )


def _contacts(name: str, party: PartyData, field: str) -> str:
    if not party.email and not party.phone:
        return ""
    email = text(party.email, field=f"{field}.email")
    address = (
        f'<prot:IndirizzoTelematico prot:tipo="smtp">{email}</prot:IndirizzoTelematico>' if email else ""
    )
    phone = optional("Telefono", party.phone, field=f"{field}.phone")
    return f"<prot:{name}>{address}{phone}</prot:{name}>"


def _code(name: str, code: str, description: str, *, field: str) -> str:
    if not code:
        return ""
    described = f' prot:descrizione="{attribute(description, field=field)}"' if description else ""
    return f"<prot:{name}{described}>{text(code, field=field)}</prot:{name}>"
