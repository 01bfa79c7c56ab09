"""The groups of the address book: one registration goes to all their members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crinale.services.protocol_office import actions, queries
from crinale.services.protocol_office.queries import rubric
from crinale.services.protocol_office.web.answers import changed, status_of
from crinale.services.protocol_office.web.forms.rubric import GroupForm
from crinale.ui.forms import AccessibleForm

if TYPE_CHECKING:
    from django.http import HttpResponse

    from crinale.ui.session import StaffRequest


@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: StaffRequest) -> HttpResponse:
    """List the groups of the area; open one."""
    queries.require(request.actor, "protocol.view", request.area)
    may_change = queries.may(request.actor, "protocol.register", request.area)
    if request.method == "POST":
        queries.require(request.actor, "protocol.register", request.area)
    form = GroupForm(request.POST or None)
    made: list[UUID] = []

    def act(data: dict[str, Any]) -> None:
        made.append(actions.open_group(actor=request.actor, area_id=request.area.id, name=data["name"]))

    if changed(form, act):
        messages.success(request, _("The group is open: add its members."))
        return redirect("protocol_office:group", group_id=made[0])
    context = {
        "rows": rubric.groups(actor=request.actor, area=request.area),
        "form": form if may_change else None,
    }
    return render(request, "protocol_office/groups.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def group(request: StaffRequest, group_id: UUID) -> HttpResponse:
    """Show a group; add and remove members."""
    one = rubric.group(actor=request.actor, area=request.area, group_id=group_id)
    text = (request.POST or request.GET).get("q", "").strip()[:100]
    if request.method == "POST":
        queries.require(request.actor, "protocol.register", request.area)
        verb, _colon, argument = request.POST.get("do", "").partition(":")
        ids = [argument] if verb == "add" else request.POST.getlist("member")
        chosen = [found for found in map(_identifier, ids) if found]
        if verb in {"add", "remove"} and chosen:
            actions.change_members(
                actor=request.actor,
                group_id=one.id,
                add=chosen if verb == "add" else (),
                remove=chosen if verb == "remove" else (),
            )
            messages.success(request, _("Added.") if verb == "add" else _("Removed."))
            return redirect("protocol_office:group", group_id=one.id)
    after = request.GET.get("after", "")
    first = int(after) if after.isdecimal() and len(after) <= len("9999") else 0
    members, more = rubric.group_page(actor=request.actor, group_id=one.id, first=first)
    context = {
        "one": one,
        "members": members,
        "text": text,
        "found": queries.who_is_known(actor=request.actor, area=request.area, text=text),
        "may_change": queries.may(request.actor, "protocol.register", request.area),
        "newer_url": request.path if first else "",
        "older_url": f"{request.path}?after={first + rubric.ROWS}" if more else "",
    }
    return render(request, "protocol_office/group.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rename_group(request: StaffRequest, group_id: UUID) -> HttpResponse:
    """Give a group another name."""
    one = _mine(request, group_id)
    form = GroupForm(request.POST or None, initial={"name": one.name})

    def act(data: dict[str, Any]) -> None:
        actions.rename_group(actor=request.actor, group_id=one.id, name=data["name"])

    if changed(form, act):
        messages.success(request, _("The group has its new name."))
        return redirect("protocol_office:group", group_id=one.id)
    return _plain(request, form, one, _("Rename %(name)s") % {"name": one.name}, "", _("Rename"))


@require_http_methods(["GET", "HEAD", "POST"])
def close_group(request: StaffRequest, group_id: UUID) -> HttpResponse:
    """Take a group out of use."""
    one = _mine(request, group_id)
    if request.method == "POST":
        actions.close_group(actor=request.actor, group_id=one.id)
        messages.success(request, _("The group is out of use."))
        return redirect("protocol_office:groups")
    words = _("Its members stay in the address book; what was sent to it stays as it is.")
    heading = _("Take %(name)s out of use") % {"name": one.name}
    return _plain(request, AccessibleForm(), one, heading, words, _("Take out of use"))


def _mine(request: StaffRequest, group_id: UUID) -> rubric.GroupView:
    queries.require(request.actor, "protocol.register", request.area)
    return rubric.group(actor=request.actor, area=request.area, group_id=group_id)


def _plain(
    request: StaffRequest,
    form: AccessibleForm,
    one: rubric.GroupView,
    heading: str,
    explanation: str,
    button: str,
) -> HttpResponse:
    context = {
        "form": form,
        "heading": heading,
        "explanation": explanation,
        "button": button,
        "back_url": reverse("protocol_office:group", args=[one.id]),
        "back_label": one.name,
    }
    return render(request, "protocol_office/plain_form.html", context, status=status_of(form))


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
