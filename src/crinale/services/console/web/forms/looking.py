"""The forms of the logs and of one's own preferences."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from crinale.services.console.web.forms import choice_field, day_field, offer, text_field
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST: Final = timedelta(days=366)
WHAT = (("readings", _("Who saw")), ("facts", _("Who did what")))
DELIVERIES = (
    ("immediately", _("As soon as something waits for me")),
    ("daily", _("Once a day, at eight in the morning")),
    ("never", _("Never: I see it on my page")),
)


class ActivityForm(AccessibleForm):
    """What is looked for in the logs."""

    what = choice_field(_("What to look for"), required=False)
    number = text_field(
        _("Registration"), longest=30, required=False, help_text=_("Its number and year: 123/2026.")
    )
    person = choice_field(_("Person"), required=False)
    since = day_field(_("From the day"), required=False)
    until = day_field(_("To the day"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the people of the body."""
        super().__init__(*args, **kwargs)
        offer(self, "what", WHAT)
        offer(self, "person", people, none=_("Everybody"))

    def clean(self) -> dict[str, Any]:
        """Check that the days follow each other and are not too many."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and since > until:
            self.add_error("until", _("The last day comes after the first."))
        elif since and until and until - since > LONGEST:
            self.add_error("until", _("Ask for a year at most."))
        return given


class PreferencesForm(AccessibleForm):
    """Language and notices."""

    language = forms.ChoiceField(
        label=_("Language of the pages and of the notices"),
        choices=settings.LANGUAGES,
        widget=forms.RadioSelect,
    )
    delivery = forms.ChoiceField(
        label=_("Notices by e-mail"),
        help_text=_("They say that something waits for you and its number, nothing else."),
        choices=DELIVERIES,
        widget=forms.RadioSelect,
    )
