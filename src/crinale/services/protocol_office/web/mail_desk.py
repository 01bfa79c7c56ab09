"""The form of a waiting mail: filled with what is suggested, kept as it was sent, acted upon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms import HandRecipientForm
from crinale.services.protocol_office.web.forms.mails import BY_HAND, WHOLE, RegisterMailForm
from crinale.services.protocol_office.web.recipients import ChosenRecipient

if TYPE_CHECKING:
    from crinale.services.protocol_office.queries import MailShown, MailSuggestions
    from crinale.spine.protocol.queries import PartyData
    from crinale.ui.session import StaffRequest


class MailDesk:
    """The form of one mail."""

    def __init__(
        self, request: StaffRequest, shown: MailShown, known: MailSuggestions, *, registering: bool
    ) -> None:
        """Fill the form, or read what was sent when a button asks to register."""
        self.request, self.shown, self.known = request, shown, known
        self.offered = [
            (ChosenRecipient(party=one.party, in_index=one.in_index), one) for one in known.senders
        ]
        data = request.POST if registering else None
        # A token tells when it was made: it is made once for each.
        self.tokens = tokens = [one.token for one, _suggested in self.offered]
        self.form = RegisterMailForm(
            data,
            choices=queries.choices(actor=request.actor, area=request.area),
            senders=self._kept(tokens),
            files=shown.files,
            initial=self._filled(tokens),
        )
        by_hand = data is not None and data.get("sender") == BY_HAND
        self.hand = HandRecipientForm(data if by_hand else None, prefix="hand")

    def _kept(self, tokens: list[str]) -> list[str]:
        """Accept who was suggested when the page was made, even if others are suggested now."""
        sent = self.request.POST.get("sender", "")
        return [*tokens, sent] if sent not in tokens and ChosenRecipient.of_token(sent) else tokens

    def _filled(self, tokens: list[str]) -> dict[str, Any]:
        parts = [str(one.position) for one in self.shown.files]
        told = self.known.advice
        return {
            "sender": tokens[0],
            "subject": self.known.subject,
            "classification": told.suggested.code if told.suggested else "",
            "primary": parts[0] if parts else WHOLE,
            # The mail as it came proves who sent it and when.
            "attached": [WHOLE, *parts] if parts else [],
        }

    @property
    def status(self) -> int:
        """The HTTP status of the page."""
        return max(status_of(self.form), status_of(self.hand))

    def register(self) -> UUID | None:
        """Register the mail when that was asked and nothing is wrong; return the registration."""
        if not self.form.is_bound or not (self.form.is_valid() & self._hand_is_valid()):
            return None
        if not self._is_told_apart():
            self.form.add_error(None, _("It may be registered already: look, and say if it is another one."))
            return None
        made: list[UUID] = []

        def act(_data: dict[str, Any]) -> None:
            made.append(
                actions.register_mail(actor=self.request.actor, mail_id=self.shown.id, draft=self._draft())
            )

        changed(self.form, act)
        return made[0] if made else None

    def _hand_is_valid(self) -> bool:
        return not self.hand.is_bound or self.hand.is_valid()

    def _is_told_apart(self) -> bool:
        """Say whether the clerk saw everything that may be this mail already, as it is sent now."""
        subject = self.form.cleaned_data["subject"]
        told = queries.mail_advice(
            actor=self.request.actor,
            area=self.request.area,
            shown=self.shown,
            party=self._sender(),
            subject=subject,
        )
        self.known = self.known.telling(told)
        return told.is_told(self.request.POST.get("another", ""))

    def _draft(self) -> actions.MailDraft:
        data, chosen = self.form.cleaned_data, self.form.documents()
        paths = {str(one.position): one.path for one in self.shown.files}
        return actions.MailDraft(
            subject=data["subject"],
            classification=data["classification"],
            sender=self._sender(),
            documents=[paths[one] for one in chosen if one != WHOLE],
            whole_mail="primary" if chosen[0] == WHOLE else "attached" if WHOLE in chosen else "none",
            office_id=UUID(data["office"]) if data["office"] else None,
            confidential=data["confidential"],
        )

    def _sender(self) -> PartyData:
        if self.hand.is_bound:
            return self.hand.party()
        chosen = ChosenRecipient.of_token(self.form.cleaned_data["sender"])
        assert chosen is not None  # noqa: S101  the form offers only what can be read
        return chosen.party

    def context(self) -> dict[str, Any]:
        """Return what the template draws."""
        chosen = self.form["sender"].value() or ""
        party = ChosenRecipient.of_token(chosen)
        attached = self.form["attached"].value() or ()
        return {
            "form": self.form,
            "hand": self.hand,
            "by_hand": chosen == BY_HAND,
            "senders": [
                {
                    "token": token,
                    "name": one.name,
                    "detail": one.detail,
                    "why": suggested.why,
                    "chosen": party is not None and one.key == party.key,
                }
                for token, (one, suggested) in zip(self.tokens, self.offered, strict=True)
            ],
            "parts": [
                {
                    "value": value,
                    "label": label,
                    "primary": self.form["primary"].value() == value,
                    "attached": value in attached,
                }
                for value, label in self.form.parts
            ],
            "advice": self.known.advice,
            "sure": self.known.sure and not self.form.is_bound,
        }
