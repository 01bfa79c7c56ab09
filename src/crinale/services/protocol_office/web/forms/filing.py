"""The forms of dossiers (DPR 445/2000 art. 64; Allegato 5 AgID)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.services.protocol_office.queries.dossier_words import FORMS, KINDS, PHASES, VISIBILITIES
from crinale.services.protocol_office.web.forms.fields import (
    ClassifiedForm,
    DossierField,
    classification_field,
    day_field,
    long_text_field,
    text_field,
)
from crinale.spine.records.queries import PERMANENT, DossierData, DossierSubject, Procedure
from crinale.ui.forms import AccessibleForm, QuickSelect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crinale.services.protocol_office.queries import DossierChoice, Options
    from crinale.spine.records.queries import DossierRef

_RETENTION: Final = (
    ("", _("As the retention plan says")),
    *((str(years), str(years)) for years in (1, 2, 3, 5, 7, 10, 15, 20, 30, 40, 50, 100)),
    (str(PERMANENT), _("For ever")),
)
_HOLDERS: Final = ("natural_person", "legal_person")


def _office() -> forms.ChoiceField:
    return forms.ChoiceField(label=_("Office in charge"), widget=QuickSelect, required=False)


def _readers() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("People who see it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They, their substitutes, who opened it and the head of records management."),
    )


class KnownForm(AccessibleForm):
    """What is known of a dossier; the fields of its kind are asked only of that kind."""

    responsible = forms.ChoiceField(label=_("Official responsible"), widget=QuickSelect, required=False)
    holder = text_field(
        _("To whom it belongs"),
        250,
        "",
        required=False,
        help_text=_("Surname and name of the person, or name of the company, for dossiers of these kinds."),
    )
    holder_code = text_field(_("Its codice fiscale or VAT number"), 16, "", required=False)
    procedure = text_field(
        _("Procedure"),
        250,
        "",
        required=False,
        help_text=_("For administrative procedures: its name in the catalogue of the body."),
    )
    catalogue = text_field(_("Address of the catalogue"), 250, "", required=False)
    phase = forms.ChoiceField(label=_("Phase"), choices=PHASES, required=False)
    started_on = day_field(_("First day of the procedure"), required=False)
    ended_on = day_field(_("Last day of the procedure"), required=False)
    description = long_text_field(_("Description"), 2000, "", required=False)
    keywords = text_field(_("Keywords"), 500, "", required=False, help_text=_("Separated by commas."))
    retention = forms.ChoiceField(label=_("Years of retention"), choices=_RETENTION, required=False)
    position = text_field(
        _("Physical position"), 250, "", required=False, help_text=_("Building, floor, room of the paper.")
    )
    note = long_text_field(_("Notes"), 2000, "", required=False)

    def known(self, kind: str, former: DossierData | None = None) -> DossierData:
        """Return what was written, as the records keep it; what is not asked stays as it was."""
        data = self.cleaned_data
        words = tuple(word for one in data["keywords"].split(",") if (word := one.strip()))
        return DossierData(
            description=data["description"],
            keywords=words,
            subjects=self._subjects(kind, former or DossierData()),
            responsible_name=str(dict(self.people).get(data["responsible"], "")),
            retention_years=int(data["retention"]) if data["retention"] else None,
            position=data["position"],
            note=data["note"],
            procedure=self._procedure(former) if kind == "procedure" else None,
        )

    def offer_people(self, people: Options) -> None:
        """Offer the people of the area as officials responsible."""
        self.people = people
        field = self.fields["responsible"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  declared so above
        field.choices = [("", _("Nobody in particular")), *people]

    def keep_fields_of(self, kind: str) -> None:
        """Ask only what a dossier of this kind may have."""
        gone = [] if kind in _HOLDERS else ["holder", "holder_code"]
        if kind != "procedure":
            gone += ["procedure", "catalogue", "phase", "started_on", "ended_on"]
        for name in gone:
            del self.fields[name]

    def _subjects(self, kind: str, former: DossierData) -> tuple[DossierSubject, ...]:
        others = tuple(one for one in former.subjects if one.role != "holder")
        name = self.cleaned_data.get("holder", "")
        if kind not in _HOLDERS or not name:
            return others
        code = self.cleaned_data.get("holder_code", "").upper().replace(" ", "")
        return (DossierSubject("holder", kind, name, code), *others)

    def _procedure(self, former: DossierData | None) -> Procedure | None:
        data = self.cleaned_data
        if not data.get("procedure"):
            return None
        return Procedure(
            name=data["procedure"],
            subject_matter=former.procedure.subject_matter if former and former.procedure else "",
            catalogue=data["catalogue"],
            phase=data["phase"] or "preparatory",
            started_on=data["started_on"],
            ended_on=data["ended_on"],
        )


class OpenDossierForm(KnownForm, ClassifiedForm):
    """A dossier to open."""

    title = text_field(_("Title of the dossier"), 250, _("Write what the dossier is about."))
    classification = classification_field()
    kind = forms.ChoiceField(label=_("Kind"), choices=KINDS, initial="matter", required=False)
    office = _office()
    visibility = forms.ChoiceField(
        label=_("Who sees it"), choices=VISIBILITIES, initial="open", required=False
    )
    readers = _readers()
    field_order = ("title", "classification", "kind", "office", "visibility", "readers")

    def __init__(self, *args: Any, people: Options, **kwargs: Any) -> None:
        """Offer the headings, the offices and the people of the area."""
        super().__init__(*args, **kwargs)
        self.offer_people(people)
        readers = self.fields["readers"]
        assert isinstance(readers, forms.MultipleChoiceField)  # noqa: S101  made so above
        readers.choices = people

    def named(self) -> dict[UUID, str]:
        """Return the people who see it, with their names."""
        return chosen_people(self.people, self.cleaned_data["readers"])


class ChangeDossierForm(KnownForm):
    """What is known of a dossier that is there."""

    office = _office()
    field_order = ("office",)

    def __init__(self, *args: Any, one: DossierRef, offices: Options, people: Options, **kwargs: Any) -> None:
        """Fill in what is known."""
        super().__init__(*args, initial=_written(one), **kwargs)
        self.offer_people(_with_present(people, one.responsible, one.data.responsible_name))
        office = self.fields["office"]
        assert isinstance(office, forms.ChoiceField)  # noqa: S101  made so above
        office.choices = [("", _("None")), *_with_present(offices, one.office_id, one.office_name)]
        self.keep_fields_of(one.kind)


class PartForm(AccessibleForm):
    """A part of a dossier to open."""

    title = text_field(_("Title"), 250, _("Write what this part is about."))
    form = forms.ChoiceField(
        label=_("What it is"),
        choices=FORMS[1:],
        widget=forms.RadioSelect,
        initial="sub_dossier",
        help_text=_("A sub-dossier may have parts of its own; an insert only holds documents."),
    )


class ShowDossierForm(AccessibleForm):
    """Who sees a dossier from now on, and why."""

    visibility = forms.ChoiceField(label=_("Who sees it"), choices=VISIBILITIES, widget=forms.RadioSelect)
    readers = _readers()
    reason = long_text_field(_("Reason"), 1000, _("Write why others see it from now on."))

    def __init__(self, *args: Any, people: Options, **kwargs: Any) -> None:
        """Offer the people of the area."""
        super().__init__(*args, **kwargs)
        self.people = people
        readers = self.fields["readers"]
        assert isinstance(readers, forms.MultipleChoiceField)  # noqa: S101  made so above
        readers.choices = people

    def named(self) -> dict[UUID, str]:
        """Return the people who see it, with their names."""
        return chosen_people(self.people, self.cleaned_data["readers"])


class CloseForm(AccessibleForm):
    """The order to close a dossier; what stands against it is said on top."""


class ReopenForm(AccessibleForm):
    """Why a closed dossier is opened again."""

    reason = long_text_field(_("Reason"), 1000, _("Write why it is opened again."))


class MoveForm(AccessibleForm):
    """The dossier to which something is moved."""

    dossier = DossierField()

    def __init__(self, *args: Any, dossiers: DossierChoice, **kwargs: Any) -> None:
        """Offer the open dossiers of the area."""
        super().__init__(*args, **kwargs)
        DossierField.offer(self, dossiers)


class DossierFileForm(AccessibleForm):
    """A file that is not registered, for a dossier."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("A working paper that needs no registration. What arrives or leaves is registered."),
        error_messages={"required": _("Choose a file.")},
    )


def chosen_people(people: Options, chosen: list[str]) -> dict[UUID, str]:
    """Return the people that were chosen, with their names."""
    return {UUID(key): str(name) for key, name in people if key in chosen}


def _with_present(offered: Options, present: UUID | None, name: str) -> Options:
    """Offer also what is chosen now, though nobody could choose it any more: a leaver, a closed office."""
    if present is None or str(present) in dict(offered):
        return offered
    return (*offered, (str(present), name))


def _written(one: DossierRef) -> Mapping[str, Any]:
    data, procedure = one.data, one.data.procedure
    holder = next((subject for subject in data.subjects if subject.role == "holder"), None)
    return {
        "office": str(one.office_id or ""),
        "responsible": str(one.responsible or ""),
        "holder": holder.name if holder else "",
        "holder_code": holder.code if holder else "",
        "procedure": procedure.name if procedure else "",
        "catalogue": procedure.catalogue if procedure else "",
        "phase": procedure.phase if procedure else "preparatory",
        "started_on": procedure.started_on if procedure else None,
        "ended_on": procedure.ended_on if procedure else None,
        "description": data.description,
        "keywords": ", ".join(data.keywords),
        "retention": "" if data.retention_years is None else str(data.retention_years),
        "position": data.position,
        "note": data.note,
    }
