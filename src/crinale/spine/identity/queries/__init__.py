"""Questions about people: who acts and where, roles, posts, absences, second factors."""

from __future__ import annotations

from crinale.spine.identity.queries.actors import (
    actor_for_person,
    area_belongs,
    in_force,
    manages_people_somewhere,
    present,
    sign_in_delay,
    staff_areas,
    staff_bodies,
)
from crinale.spine.identity.queries.factors import (
    Factor,
    bodies_asking_second_factor,
    factors,
    recovery_codes_left,
)
from crinale.spine.identity.queries.people import (
    AbsenceView,
    GrantView,
    absences,
    absences_of_body,
    colleagues,
    due_for_review,
    grants,
    grants_of_body,
    grants_of_person,
    people,
    person_by_username,
    person_names,
)
from crinale.spine.identity.queries.posts import (
    Incumbent,
    PostView,
    holds_on,
    incumbent,
    post_history,
    posts,
)

__all__ = [
    "AbsenceView",
    "Factor",
    "GrantView",
    "Incumbent",
    "PostView",
    "absences",
    "absences_of_body",
    "actor_for_person",
    "area_belongs",
    "bodies_asking_second_factor",
    "colleagues",
    "due_for_review",
    "factors",
    "grants",
    "grants_of_body",
    "grants_of_person",
    "holds_on",
    "in_force",
    "incumbent",
    "manages_people_somewhere",
    "people",
    "person_by_username",
    "person_names",
    "post_history",
    "posts",
    "present",
    "recovery_codes_left",
    "sign_in_delay",
    "staff_areas",
    "staff_bodies",
]
