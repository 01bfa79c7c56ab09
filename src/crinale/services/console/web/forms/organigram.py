"""The forms of offices and posts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from crinale.services.console.web.forms import choice_field, day_field, offer, text_field
from crinale.spine.identity.post_kinds import POST_KINDS
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    Choices = Sequence[tuple[str, str]]

_TOP = _("No office: at the top")


class ContactsForm(AccessibleForm):
    """The codes and contacts of an office."""

    ipa_code = text_field(
        _("Unique code of the office (IPA)"),
        longest=6,
        required=False,
        help_text=_("Six letters or digits, where the office is published in the index."),
    )
    email = text_field(_("E-mail address"), longest=254, required=False)
    phone = text_field(_("Telephone"), longest=40, required=False)


class OpenOfficeForm(ContactsForm):
    """A new office."""

    code = text_field(_("Short code"), longest=20, missing=_("Write a short code, for instance RAG."))
    name = text_field(_("Name"), missing=_("Write the name of the office."))
    area_id = choice_field(_("Registry area"), missing=_("Choose the registry area."))
    parent_id = choice_field(_("Under which office"), required=False)
    opened_on = day_field(_("First day"), required=False, help_text=_("Empty when it has always been there."))
    field_order = ("code", "name", "area_id", "parent_id", "opened_on", "email", "phone", "ipa_code")

    def __init__(self, *args: Any, areas: Choices, offices: Choices, **kwargs: Any) -> None:
        """Offer the areas and the offices of the body."""
        super().__init__(*args, **kwargs)
        offer(self, "area_id", areas)
        offer(self, "parent_id", offices, none=_TOP)


class MoveOfficeForm(AccessibleForm):
    """Another name or another place, from a day on."""

    name = text_field(_("Name"), missing=_("Write the name of the office."))
    parent_id = choice_field(_("Under which office"), required=False)
    on = day_field(_("From the day"))

    def __init__(self, *args: Any, offices: Choices, **kwargs: Any) -> None:
        """Offer the offices of the body."""
        super().__init__(*args, **kwargs)
        offer(self, "parent_id", offices, none=_TOP)


class FirstDayWithoutForm(AccessibleForm):
    """The day on which something is not there any more."""

    on = day_field(_("First day without it"))


class OpenPostForm(AccessibleForm):
    """A new post."""

    kind = choice_field(_("Kind"), missing=_("Choose the kind of the post."))
    title = text_field(_("How it is called"), required=False, help_text=_("As its kind when it is empty."))
    office_id = choice_field(_("Office"), required=False)
    act = text_field(_("Act"), required=False, help_text=_("The act that set it up, with number and day."))
    opened_on = day_field(_("First day"), required=False, help_text=_("Empty when it has always been there."))

    def __init__(self, *args: Any, offices: Choices, **kwargs: Any) -> None:
        """Offer the kinds and the offices."""
        super().__init__(*args, **kwargs)
        offer(self, "kind", list(POST_KINDS.items()))
        offer(self, "office_id", offices, none=_("The whole body"))


class AppointForm(AccessibleForm):
    """Who holds a post, from when, by which act."""

    person_id = choice_field(_("Person"), missing=_("Choose a person."))
    act = text_field(_("Act"), missing=_("Write the act, with number and day."))
    valid_from = day_field(_("First day"))
    last_day = day_field(_("Last day"), required=False, help_text=_("Empty when it is not known yet."))

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        """Offer the people of the body."""
        super().__init__(*args, **kwargs)
        offer(self, "person_id", people)
