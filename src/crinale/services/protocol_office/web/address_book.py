"""The address book (Rubrica): correspondents with their history, merges, and the groups of an area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from crinale.kernel.errors import NotVisible
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.queries import rubric
from crinale.services.protocol_office.web.answers import changed, pager, status_of
from crinale.services.protocol_office.web.forms.rubric import (
    CloseCorrespondentForm,
    CorrespondentForm,
    MergeForm,
)

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from crinale.spine.protocol.queries import PartyData
    from crinale.ui.forms import AccessibleForm
    from crinale.ui.session import StaffRequest


@require_safe
def address_book(request: StaffRequest) -> HttpResponse:
    """List the address book, or those of it and of the index who answer to a text."""
    text, after = request.GET.get("q", "").strip()[:100], request.GET.get("after", "")
    rubric.require_book(actor=request.actor)
    page = rubric.correspondents(actor=request.actor, text=text, after=after)
    here = f"{request.path}?q={text}" if text else f"{request.path}?q="
    links = pager(here, after, page.older)
    context = {
        "text": text,
        "rows": page.rows,
        "indexed": queries.search_index(text) if text and not after else [],
        "index_age": queries.index_age_words(),
        "may_change": rubric.may_change_book(actor=request.actor),
        "newer_url": links["newer_url"],
        "older_url": links["older_url"].replace("&before=", "&after="),
    }
    return render(request, "protocol_office/address_book.html", context)


@require_safe
def correspondent(request: StaffRequest, correspondent_id: UUID) -> HttpResponse:
    """Show a correspondent: what is known now, who may be the same, what was known before."""
    one = rubric.correspondent(actor=request.actor, correspondent_id=correspondent_id)
    context = {
        "one": one,
        "values": rubric.party_values(one.party),
        "history": rubric.history(actor=request.actor, correspondent_id=one.id),
        "alike": [] if one.closed_at else rubric.alike(actor=request.actor, correspondent_id=one.id),
        "stands_for": rubric.correspondent(actor=request.actor, correspondent_id=one.merged_into)
        if one.merged_into
        else None,
        "may_change": one.closed_at is None and rubric.may_change_book(actor=request.actor),
    }
    return render(request, "protocol_office/correspondent.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest) -> HttpResponse:
    """Put somebody into the address book; from a registration, when the address names one of its parties."""
    rubric.require_book(actor=request.actor, change=True)
    known = rubric.party_of_registration(
        actor=request.actor,
        area=request.area,
        registration_id=request.GET.get("registration", ""),
        place=request.GET.get("party", ""),
    )
    form = CorrespondentForm(request.POST or None, known=known)
    made: list[UUID] = []

    def change(data: dict[str, Any]) -> None:
        party = form.party()
        made.append(
            actions.add_correspondent(
                actor=request.actor, party=party, reason=data["reason"], another=data["another"]
            )
        )

    if changed(form, change):
        messages.success(request, _("It is in the address book."))
        return redirect("protocol_office:correspondent_page", correspondent_id=made[0])
    return _form_page(
        request,
        form,
        heading=_("New correspondent"),
        button=_("Put into the address book"),
        back=reverse("protocol_office:address_book"),
        same=_same(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def change(request: StaffRequest, correspondent_id: UUID) -> HttpResponse:
    """Change what is known of a correspondent; what was known before stays."""
    one = rubric.open_correspondent(actor=request.actor, correspondent_id=correspondent_id)
    form = CorrespondentForm(request.POST or None, known=one.party, initial={"seen_version": one.version})

    def act(data: dict[str, Any]) -> None:
        actions.change_correspondent(
            actor=request.actor,
            correspondent_id=one.id,
            party=form.party(),
            seen_version=data["seen_version"] or 0,
            reason=data["reason"],
        )

    if changed(form, act):
        messages.success(request, _("Changed. What was known before stays."))
        return redirect("protocol_office:correspondent_page", correspondent_id=one.id)
    return _form_page(
        request,
        form,
        heading=_("Change %(name)s") % {"name": one.name},
        button=_("Change"),
        back=reverse("protocol_office:correspondent_page", args=[one.id]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: StaffRequest, correspondent_id: UUID) -> HttpResponse:
    """Take a correspondent out of use; it stays readable."""
    one = rubric.open_correspondent(actor=request.actor, correspondent_id=correspondent_id)
    form = CloseCorrespondentForm(request.POST or None)

    def act(data: dict[str, Any]) -> None:
        actions.close_correspondent(actor=request.actor, correspondent_id=one.id, reason=data["reason"])

    if changed(form, act):
        messages.success(request, _("It is out of use. It stays readable."))
        return redirect("protocol_office:correspondent_page", correspondent_id=one.id)
    context = {
        "form": form,
        "heading": _("Take %(name)s out of use") % {"name": one.name},
        "explanation": _("It is suggested no more and leaves its groups; registrations stay as they are."),
        "button": _("Take out of use"),
        "back_url": reverse("protocol_office:correspondent_page", args=[one.id]),
        "back_label": one.name,
    }
    return render(request, "protocol_office/plain_form.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: StaffRequest, correspondent_id: UUID, other_id: UUID) -> HttpResponse:
    """Say that two correspondents are one; both pasts stay."""
    one = rubric.open_correspondent(actor=request.actor, correspondent_id=correspondent_id)
    other = rubric.open_correspondent(actor=request.actor, correspondent_id=other_id)
    if one.id == other.id:
        raise NotVisible
    pair = [
        (str(each.id), f"{each.name} ({queries.party_detail(each.party) or '-'})") for each in (one, other)
    ]
    form = MergeForm(request.POST or None, pair=pair, initial={"keep": str(one.id)})

    def act(data: dict[str, Any]) -> None:
        keep, absorbed = (one, other) if data["keep"] == str(one.id) else (other, one)
        actions.merge_correspondents(
            actor=request.actor, keep_id=keep.id, absorbed_id=absorbed.id, reason=data["reason"]
        )

    if changed(form, act):
        messages.success(request, _("The two are one now. What was known of both stays."))
        kept = form.cleaned_data["keep"]
        return redirect("protocol_office:correspondent_page", correspondent_id=kept)
    context = {
        "form": form,
        "one": one,
        "pair": [(each, rubric.party_values(each.party)) for each in (one, other)],
    }
    return render(request, "protocol_office/merge.html", context, status=status_of(form))


def _same(form: CorrespondentForm) -> list[rubric.Alike]:
    """Return who seems to be the one that is being added; only once the form is right in itself."""
    party: PartyData | None = form.party() if form.is_bound and not set(form.errors) - {"__all__"} else None
    return rubric.same_as(party) if party is not None else []


def _form_page(
    request: StaffRequest,
    form: AccessibleForm,
    *,
    heading: str,
    button: str,
    back: str,
    same: list[rubric.Alike] | None = None,
) -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button, "back_url": back, "same": same or []}
    return render(request, "protocol_office/correspondent_form.html", context, status=status_of(form))
