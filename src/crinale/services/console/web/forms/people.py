"""The forms of people, their roles, absences and departure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crinale.services.console.web.forms import choice_field, day_field, offer, text_field
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    Choices = Sequence[tuple[str, Any]]

REASONS = (
    ("holiday", _("Holiday")),
    ("leave", _("Leave")),
    ("mission", _("Mission")),
    ("other", _("Other reason")),
)


def password_field(*, required: bool, help_text: Any) -> forms.CharField:
    """A first password."""
    return forms.CharField(
        label=_("Password"),
        max_length=256,
        strip=False,
        required=required,
        help_text=help_text,
        error_messages={"required": _("Write a password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class PersonForm(AccessibleForm):
    """A new account."""

    name = text_field(_("First and last name"), missing=_("Write the person's name."))
    username = text_field(_("User name"), longest=150, missing=_("Write a user name."))
    email = text_field(_("E-mail address"), longest=254, required=False)
    tax_code = text_field(_("Codice fiscale"), longest=16, required=False)
    password = password_field(
        required=False,
        help_text=_(
            "At least twelve characters, to hand over in person. Empty for who signs in through the body."
        ),
    )


class PasswordForm(AccessibleForm):
    """Another password."""

    password = password_field(
        required=True, help_text=_("At least twelve characters, to hand over in person.")
    )


class GrantForm(AccessibleForm):
    """A role, where, from when until when."""

    username = text_field(
        _("User name"),
        longest=150,
        missing=_("Write the user name of the person."),
        help_text=_("Also that of somebody who works for another body of this node."),
    )
    role = choice_field(_("Role"), missing=_("Choose a role."))
    area_id = choice_field(_("Registry area"), required=False)
    office_id = choice_field(
        _("Office"), required=False, help_text=_("What is assigned to the office waits for this person too.")
    )
    valid_from = day_field(_("First day"), required=False, help_text=_("From now when it is empty."))
    last_day = day_field(_("Last day"), required=False, help_text=_("Without end when it is empty."))

    def __init__(self, *args: Any, roles: Choices, areas: Choices, offices: Choices, **kwargs: Any) -> None:
        """Offer the roles, and where they may be held."""
        super().__init__(*args, **kwargs)
        offer(self, "role", roles, none=_("Choose"))
        offer(self, "area_id", areas, none=_("All of the body"))
        offer(self, "office_id", offices, none=_("No office"))


class EndGrantForm(AccessibleForm):
    """The day on which a role ends."""

    on = day_field(_("First day without it"), required=False, help_text=_("Now when it is empty."))


class AbsenceForm(AccessibleForm):
    """The days on which somebody is away, and who stands in."""

    valid_from = day_field(_("First day"))
    last_day = day_field(_("Last day"))
    substitute_id = choice_field(_("Who stands in"), missing=_("Choose a colleague."))
    reason = choice_field(_("Reason"))

    def __init__(self, *args: Any, people: Choices, **kwargs: Any) -> None:
        """Offer the colleagues."""
        super().__init__(*args, **kwargs)
        offer(self, "substitute_id", people, none=_("Choose"))
        offer(self, "reason", REASONS)


class ResetForm(AccessibleForm):
    """Why second factors are taken away."""

    reason = text_field(
        _("Reason"),
        missing=_("Write how you made sure who asks."),
        help_text=_("Write also how you made sure who asks: it stays in the log."),
    )


class LeaveForm(AccessibleForm):
    """The day on which somebody leaves, and what he leaves."""

    on = day_field(_("First day without this person"))
    where = choice_field(_("Leaves"))

    def __init__(self, *args: Any, places: Choices, **kwargs: Any) -> None:
        """Offer this body, and the whole node where the administrator answers for all of it."""
        super().__init__(*args, **kwargs)
        offer(self, "where", places)


class SignInPolicyForm(AccessibleForm):
    """From when a password is not enough, and how often roles are looked at again."""

    second_factor_from = day_field(
        _("A second factor is needed from"),
        required=False,
        help_text=_("A password is enough when it is empty."),
    )
    review_months = forms.IntegerField(
        label=_("Months after which a role is looked at again"),
        help_text=_("From 1 to 60."),
        min_value=1,
        max_value=60,
        error_messages={
            name: _("Write a number of months from 1 to 60.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class PlainForm(AccessibleForm):
    """Nothing to fill in: a confirmation."""
