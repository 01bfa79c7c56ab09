"""Finds what a command names; if that is wrong, says what there is: at the console nothing is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crinale.kernel.errors import Invalid
from crinale.spine.identity import queries as people
from crinale.spine.tenancy import queries as tenancy

if TYPE_CHECKING:
    from datetime import date

    from crinale.spine.identity.models import Person
    from crinale.spine.identity.queries import PostView
    from crinale.spine.tenancy.queries import AreaRef, BodyRef, OfficeRef


def body(ipa_code: str | None, *, field: str = "body") -> BodyRef:
    """The body with an IPA code; without one, the only body that has areas on this node.

    :raises Invalid: when there is none, or more than one could be meant.
    """
    known = tenancy.bodies()
    if ipa_code is None:
        served = {area.body_id for area in tenancy.areas()}
        meant = [one for one in known if one.id in served]
        if len(meant) != 1:
            raise Invalid(field, f"say which one: {_listed([one.ipa_code for one in meant], 'body add')}")
        return meant[0]
    found = tenancy.body_by_ipa_code(ipa_code)
    if found is None:
        here = _listed([one.ipa_code for one in known], "body add")
        raise Invalid(field, f"no body with the IPA code {ipa_code} is known here: {here}")
    return found


def area(code: str, *, field: str = "area") -> AreaRef:
    """The registry area with a code.

    :raises Invalid: when this node does not serve it.
    """
    found = tenancy.area_by_code(code)
    if found is None:
        here = _listed([one.code for one in tenancy.areas()], "area add")
        raise Invalid(field, f"this node does not serve the area {code}: {here}")
    return found


def office(area_ref: AreaRef, code: str, *, field: str = "parent") -> OfficeRef:
    """The office of an area with a code.

    :raises Invalid: when the area has no such office.
    """
    known = {one.code: one for one in tenancy.offices(area_id=area_ref.id)}
    if code not in known:
        raise Invalid(field, f"{area_ref.code} has no office {code}: {_listed(sorted(known), 'office add')}")
    return known[code]


def office_of_body(body_ref: BodyRef, code: str, *, field: str = "office") -> OfficeRef:
    """The office of a body with a code, open today.

    :raises Invalid: when the body has no such office.
    """
    known = {
        one.code: one
        for area_ref in tenancy.areas(body_id=body_ref.id)
        for one in tenancy.offices(area_id=area_ref.id)
    }
    if code not in known:
        here = _listed(sorted(known), "office add")
        raise Invalid(field, f"{body_ref.ipa_code} has no office {code}: {here}")
    return known[code]


def post(body_ref: BodyRef, kind: str, *, office_ref: OfficeRef | None, title: str, on: date) -> PostView:
    """The post of a kind that a body, or one of its offices, has on a day; by its title where it has several.

    :raises Invalid: when there is none, or more than one could be meant.
    """
    where = office_ref.id if office_ref else None
    there = [one for one in people.posts(body_id=body_ref.id, at=on) if one.office_id == where]
    meant = [one for one in there if one.kind == kind and (not title or one.title == title)]
    if len(meant) > 1:
        raise Invalid("title", f"say which one: {_listed([one.title for one in meant], 'post add')}")
    if not meant:
        whose = office_ref.code if office_ref else body_ref.ipa_code
        here = _listed(sorted({one.kind for one in there}), "post add")
        raise Invalid("kind", f"{whose} has no such post on {on}: {here}")
    return meant[0]


def person(username: str, *, field: str = "username") -> Person:
    """The person with a user name.

    :raises Invalid: when nobody has it.
    """
    found = people.person_by_username(username)
    if found is None:
        raise Invalid(field, f"nobody has the user name {username}: `crinale person list` shows them all")
    return found


def _listed(names: list[str], command: str) -> str:
    return f"there is {', '.join(names)}" if names else f"there is none yet, see `crinale {command} --help`"
