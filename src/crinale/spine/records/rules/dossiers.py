"""What a dossier is: its code, its parts, what must be known of it (DPR 445/2000 art. 64, 65; Allegato 5).

The code of a dossier is the year, the heading and a progressive number, ``2026-6.3.12``; that of a part of it
goes on with a number of its own, ``2026-6.3.12/2``.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from crinale.kernel.codes import check_codice_fiscale, check_partita_iva
from crinale.kernel.errors import Invalid
from crinale.spine.records.signatures.canonical import has_illegal

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = ("matter", "activity", "natural_person", "legal_person", "procedure")
FORMS: Final = ("dossier", "sub_dossier", "insert")
VISIBILITIES: Final = ("open", "office", "people")
ROLES: Final = ("participant", "holder", "officer", "other")
SUBJECT_KINDS: Final = ("natural_person", "legal_person", "administration")
PHASES: Final = ("preparatory", "inquiry", "consultation", "decision", "effect")
PERMANENT: Final = 9999  # Allegato 5, TempoDiConservazione: years, and this when nothing is ever discarded
DEEPEST: Final = 5
LONGEST_TITLE: Final = 250
_LONGEST_CODE: Final = 60
_LONGEST_LINE: Final = 250
_LONGEST_TEXT: Final = 2000
_LONGEST_RETENTION: Final = 100
_MOST_WORDS: Final = 20
_VAT_DIGITS: Final = 11
_CODE: Final = re.compile(r"(\d{4})(?:-([0-9A-Za-z.]+)\.|/([0-9A-Za-z.]+)/)(\d+)((?:/\d+)*)")


@dataclass(frozen=True, slots=True)
class DossierCode:
    """A code taken apart: year, heading, progressive number, numbers of the parts inside."""

    year: int
    heading: str
    progressive: int
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DossierSubject:
    """To whom a dossier belongs, or who takes part; ``code`` is a codice fiscale, a VAT or an IPA code."""

    role: str
    kind: str
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """The administrative procedure of a dossier, as the catalogue of the body names it (L. 241/1990)."""

    name: str
    subject_matter: str = ""
    catalogue: str = ""
    phase: str = "preparatory"
    started_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DossierData:
    """What is known of a dossier besides title, kind and heading; retention is in years, or PERMANENT."""

    description: str = ""
    keywords: tuple[str, ...] = ()
    subjects: tuple[DossierSubject, ...] = ()
    responsible_name: str = ""
    retention_years: int | None = None
    position: str = ""
    note: str = ""
    procedure: Procedure | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        kept = asdict(self)
        if self.procedure is not None:
            for name in ("started_on", "ended_on"):
                day = getattr(self.procedure, name)
                kept["procedure"][name] = None if day is None else day.isoformat()
        return kept

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> DossierData:
        """Read what was kept; what an older dossier does not have stays empty."""
        procedure = kept.get("procedure")
        return cls(
            description=kept.get("description", ""),
            keywords=tuple(kept.get("keywords", ())),
            subjects=tuple(DossierSubject(**one) for one in kept.get("subjects", ())),
            responsible_name=kept.get("responsible_name", ""),
            retention_years=kept.get("retention_years"),
            position=kept.get("position", ""),
            note=kept.get("note", ""),
            procedure=None if procedure is None else _procedure(procedure),
        )


def read_code(code: str) -> DossierCode | None:
    """Take a code apart, also one of the form that was used before (``2026/6.3/12``)."""
    found = _CODE.fullmatch(code)
    if found is None:
        return None
    parts = tuple(int(one) for one in found[5].split("/") if one)
    return DossierCode(int(found[1]), found[2] or found[3], int(found[4]), parts)


def top_code(year: int, heading: str, progressive: int) -> str:
    """Write the code of a dossier."""
    return f"{year}-{heading}.{progressive}"


def top_codes_pattern(year: int, heading: str) -> str:
    """Return the regular expression of the codes of a year under a heading, also of the form before."""
    return rf"^{year}(-{re.escape(heading)}\.|/{re.escape(heading)}/)[0-9]+$"


def part_code(above: str, number: int) -> str:
    """Write the code of a part of a dossier.

    :raises Invalid: when it becomes too long to be written.
    """
    code = f"{above}/{number}"
    if len(code) > _LONGEST_CODE:
        raise Invalid("parent", "this dossier is divided too finely: open the part one level above")
    return code


def check_title(title: str) -> str:
    """Return a title in its kept spelling."""
    kept = " ".join(title.split())
    if not kept or len(kept) > LONGEST_TITLE or has_illegal(kept):
        raise Invalid("title", f"a dossier has a title of at most {LONGEST_TITLE} characters")
    return kept


def check_part(form: str, above_form: str, depth: int) -> None:
    """Check that a part of this form may stand in what is above it, ``depth`` levels below the top."""
    if form not in FORMS[1:]:
        raise Invalid("form", "choose a sub-dossier or an insert")
    if above_form == "insert":
        raise Invalid("parent", "an insert has no parts: open them in the dossier that holds it")
    if depth > DEEPEST:
        raise Invalid("parent", f"a dossier has at most {DEEPEST} levels below it")


def check_data(data: DossierData, *, kind: str, part: bool = False) -> None:
    """Check what is known of a dossier; a part of one leaves to the top what the kind demands.

    :raises Invalid: naming the field.
    """
    if kind not in KINDS:
        raise Invalid("kind", "choose one of the five kinds of dossier")
    _check_lengths(data)
    if data.retention_years not in {None, PERMANENT, *range(1, _LONGEST_RETENTION + 1)}:
        raise Invalid("retention", "write the years of retention, from 1 to 100, or choose for ever")
    for subject in data.subjects:
        _check_subject(subject)
    held = any(one.role == "holder" and one.kind == kind for one in data.subjects)
    if kind in {"natural_person", "legal_person"} and not part and not held:
        raise Invalid("holder", "name the person or the company to whom the dossier belongs")
    if kind == "procedure":
        _check_procedure(data.procedure, part=part)
    elif data.procedure is not None:
        raise Invalid("procedure", "only a dossier of a procedure has the data of one")


def _check_lengths(data: DossierData) -> None:
    if len(data.keywords) > _MOST_WORDS or any(len(one) > _LONGEST_LINE for one in data.keywords):
        raise Invalid("keywords", f"write at most {_MOST_WORDS} keywords")
    for name, limit in (("description", _LONGEST_TEXT), ("note", _LONGEST_TEXT), ("position", _LONGEST_LINE)):
        value = getattr(data, name)
        if len(value) > limit or has_illegal(value):
            raise Invalid(name, f"shorten it to {limit} characters")


def _check_subject(subject: DossierSubject) -> None:
    if subject.role not in ROLES or subject.kind not in SUBJECT_KINDS:
        raise Invalid("subjects", "choose the role and the kind of each subject")
    if not subject.name.strip() or len(subject.name) > _LONGEST_LINE or has_illegal(subject.name):
        raise Invalid("holder", "write the name of the person or company")
    if subject.code and subject.kind == "natural_person":
        check_codice_fiscale(subject.code, field="holder_code")
    elif subject.code and subject.kind == "legal_person" and len(subject.code) == _VAT_DIGITS:
        check_partita_iva(subject.code, field="holder_code")


def _check_procedure(procedure: Procedure | None, *, part: bool) -> None:
    if procedure is None:
        if part:
            return
        raise Invalid("procedure", "name the procedure as in the catalogue of the body")
    if not procedure.name.strip() or len(procedure.name) > _LONGEST_LINE:
        raise Invalid("procedure", "name the procedure as in the catalogue of the body")
    if procedure.phase not in PHASES:
        raise Invalid("phase", "choose the phase of the procedure")
    if procedure.catalogue and urlsplit(procedure.catalogue).scheme not in {"http", "https"}:
        raise Invalid("catalogue", "write the whole address of the catalogue, beginning with https")
    if procedure.started_on and procedure.ended_on and procedure.ended_on < procedure.started_on:
        raise Invalid("ended_on", "a procedure cannot end before it begins")


def _procedure(kept: Mapping[str, Any]) -> Procedure:
    days = {name: kept.get(name) for name in ("started_on", "ended_on")}
    return Procedure(
        **{**kept, **{name: date.fromisoformat(day) if day else None for name, day in days.items()}}
    )
