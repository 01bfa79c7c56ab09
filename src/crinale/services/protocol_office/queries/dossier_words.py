"""What the kinds, parts, phases and visibilities of dossiers are called (Allegato 5 AgID)."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy

KINDS: Final = (
    ("matter", gettext_lazy("Matter (affare)")),
    ("activity", gettext_lazy("Activity")),
    ("natural_person", gettext_lazy("Natural person")),
    ("legal_person", gettext_lazy("Legal person")),
    ("procedure", gettext_lazy("Administrative procedure")),
)
VISIBILITIES: Final = (
    ("open", gettext_lazy("Everybody who sees the register")),
    ("office", gettext_lazy("Only the office in charge")),
    ("people", gettext_lazy("Only the people named here")),
)
PHASES: Final = (
    ("preparatory", gettext_lazy("Preparation")),
    ("inquiry", gettext_lazy("Inquiry")),
    ("consultation", gettext_lazy("Consultation")),
    ("decision", gettext_lazy("Decision")),
    ("effect", gettext_lazy("Integration of effects")),
)
FORMS: Final = (
    ("dossier", gettext_lazy("Dossier")),
    ("sub_dossier", gettext_lazy("Sub-dossier")),
    ("insert", gettext_lazy("Insert")),
)
