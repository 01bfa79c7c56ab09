"""Register a document that arrived by hand, post or mail (DPR 445/2000 art. 53 c.1 b).

Made for who registers sixty a day: Enter looks for the sender that was typed or, when nobody is being looked
for, registers; the heading is filled in; the next document begins with what it shares with this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from crinale.kernel import ids
from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.web.advising import (
    advise,
    check_advice,
    links_of,
    with_heading,
)
from crinale.services.protocol_office.web.answers import status_of
from crinale.services.protocol_office.web.composing import check_files, registered, show_rejected, unchecked
from crinale.services.protocol_office.web.forms import ArrivalForm
from crinale.services.protocol_office.web.labels import KEPT, kept
from crinale.services.protocol_office.web.senders import SenderDesk
from crinale.services.protocol_office.web.uploads import FileDesk
from crinale.spine.protocol.queries import PartyData

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from crinale.services.protocol_office.queries.choosing import Choices
    from crinale.ui.session import StaffRequest

_BY_HAND = ("kind", "name", "last_name", "ipa_code", "tax_code", "email", "address")
_MORE = ("links", "relation", "addressed", "deferred_act", "deferred_reason", "confidential")


@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: StaffRequest) -> HttpResponse:
    """Register a document that arrived by hand, post or mail."""
    queries.require(request.actor, "protocol.register_incoming", request.area)
    choices = queries.choices(actor=request.actor, area=request.area)
    if request.method != "POST":
        return _begin(request, choices)
    action = request.POST.get("do", "next")
    senders = SenderDesk.read(request.actor, request.area, request.POST)
    files = FileDesk.read(request)
    files.drop(action)
    files.offer_scans(request.area, action)
    senders.do(action)
    if action == "next" and senders.query:
        senders.look()
    wanted = action == "register" or (action == "next" and not senders.query and not senders.just_chosen)
    advice = advise(
        request,
        request.POST,
        parties=[*senders.parties, *_by_hand(request.POST)],
        files=files,
        incoming=True,
        with_subjects=senders.just_chosen,
    )
    form = _form(with_heading(request.POST, advice, action, final=wanted), senders, choices)
    if not wanted:
        show_rejected(unchecked(form), files)
        return _page(request, form, senders, files, advice)
    check_files(form, files)
    check_advice(request, form, advice)
    made = registered(form, lambda: _register(request, form, files))
    if made is None:
        return _page(request, form, senders, files, advice)
    for name in files.put_scans_aside(request.area):
        messages.warning(request, _("%(name)s could not be moved out of the scan folder.") % {"name": name})
    query = kept({name: form.cleaned_data.get(name, "") for name in KEPT})
    return redirect(f"{reverse('protocol_office:done', args=[made])}?{query}")


@require_safe
def senders_found(request: StaffRequest) -> HttpResponse:
    """Look for a sender while somebody types (htmx)."""
    queries.require(request.actor, "protocol.register_incoming", request.area)
    text = request.GET.get("q", "").strip()[:100]
    found = queries.who(actor=request.actor, area=request.area, text=text)
    return render(request, "protocol_office/_senders_found.html", {"query": text, "results": found})


@require_POST
def arrival_advice(request: StaffRequest) -> HttpResponse:
    """Say again what earlier documents tell, once the subject was written (htmx)."""
    queries.require(request.actor, "protocol.register_incoming", request.area)
    senders = SenderDesk.read(request.actor, request.area, request.POST)
    files = FileDesk.read(request)
    parties = [*senders.parties, *_by_hand(request.POST)]
    advice = advise(request, request.POST, parties=parties, files=files, incoming=True)
    context = {"advice": advice, "current": request.POST.get("classification", "")}
    return render(request, "protocol_office/_advice.html", context)


def _begin(request: StaffRequest, choices: Choices) -> HttpResponse:
    initial: dict[str, Any] = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    senders = SenderDesk(actor=request.actor, area=request.area)
    files = FileDesk(actor=request.actor)
    files.offer_scans(request.area)
    if preset := queries.preset_named(
        actor=request.actor, area=request.area, text=request.GET.get("preset", ""), direction="incoming"
    ):
        initial |= preset.initial
        for party in preset.parties:
            senders.add(party, in_index=bool(party.aoo_code))
        senders.announcement = ""
    heading = request.area.default_classification
    form = ArrivalForm(choices=choices, initial={"channel": "hand", "classification": heading, **initial})
    form.offer_relations(queries.relations())
    return _page(request, form, senders, files, queries.Advice())


def _by_hand(data: QueryDict) -> list[PartyData]:
    """Return who is being written by hand, as far as earlier documents can be asked about him."""
    email, tax_code = (data.get(name, "").strip()[:254] for name in ("email", "tax_code"))
    if not email and not tax_code:
        return []
    return [PartyData(kind="legal_person", email=email, tax_code=tax_code)]


def _form(data: QueryDict, senders: SenderDesk, choices: Choices) -> ArrivalForm:
    form = ArrivalForm(data, choices=choices, chosen=senders.parties)
    form.offer_relations(queries.relations())
    return form


def _register(request: StaffRequest, form: ArrivalForm, files: FileDesk) -> UUID:
    data = form.cleaned_data
    return actions.register_arrival(
        actor=request.actor,
        area_id=request.area.id,
        token=data["token"] or ids.new_id(),
        draft=actions.ArrivalDraft(
            **form.written(files.enclosures()),
            senders=form.senders(),
            recipients=[queries.office_party(request.area, UUID(one)) for one in data["addressed"]],
            received=form.reference(),
            arrived_at=data["arrived_at"],
            deferred_act=data["deferred_act"],
            deferred_reason=data["deferred_reason"],
            links=links_of(request, form),
            office_id=UUID(data["office"]) if data["office"] else None,
        ),
    )


def _page(
    request: StaffRequest,
    form: ArrivalForm,
    senders: SenderDesk,
    files: FileDesk,
    advice: queries.Advice,
) -> HttpResponse:
    hand_open = senders.nobody or any(form[name].errors or form[name].value() for name in _BY_HAND[1:])
    context = {
        **senders.context(),
        "form": form,
        "files": files,
        "advice": advice,
        "presets": []
        if form.is_bound
        else queries.presets(actor=request.actor, area=request.area, direction="incoming"),
        "current": form["classification"].value() or "",
        "prefilled": form.data.get("prefilled", "") if form.is_bound else request.area.default_classification,
        "by_hand": [form[name] for name in _BY_HAND],
        "hand_open": hand_open,
        "arrival": [form[name] for name in ("channel", "arrived_at", "received_number", "received_date")],
        "more": [form[name] for name in _MORE],
        "more_open": any(form[name].errors or form[name].value() for name in _MORE if name != "relation"),
        "focus": _focus(senders),
        "announcement": senders.announcement or files.announcement,
    }
    return render(request, "protocol_office/arrival.html", context, status=status_of(form))


def _focus(senders: SenderDesk) -> str:
    """Return where the clerk goes on; the summary of errors takes the focus before it."""
    if senders.nobody:
        return "name"
    if senders.results:
        return "results"
    return "subject" if senders.chosen else "q"
