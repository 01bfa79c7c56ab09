"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from crinale.services.console.web import (
    activity,
    health,
    mailboxes,
    node,
    offices,
    people,
    posts,
    preferences,
    review,
    roles,
    sign_in_policy,
)

app_name = "console"
urlpatterns = [
    path("", preferences.home, name="home"),
    path("organigramma", offices.organigram, name="organigram"),
    path("uffici/nuovo", offices.open_office, name="open_office"),
    path("uffici/<uuid:office_id>", offices.office, name="office"),
    path("uffici/<uuid:office_id>/recapiti", offices.contacts, name="contacts"),
    path("uffici/<uuid:office_id>/sposta", offices.move, name="move_office"),
    path("uffici/<uuid:office_id>/chiudi", offices.close, name="close_office"),
    path("incarichi/nuovo", posts.open_post, name="open_post"),
    path("incarichi/<uuid:post_id>", posts.post, name="post"),
    path("incarichi/<uuid:post_id>/conferisci", posts.appoint, name="appoint"),
    path("incarichi/<uuid:post_id>/chiudi", posts.close, name="close_post"),
    path("incarichi/<uuid:post_id>/termina/<uuid:incumbency_id>", posts.end, name="end_appointment"),
    path("persone", people.staff, name="staff"),
    path("persone/nuova", people.add, name="add_person"),
    path("persone/<uuid:person_id>", people.person, name="person"),
    path("persone/<uuid:person_id>/password", people.password, name="password"),
    path("persone/<uuid:person_id>/sessioni", people.end_sessions, name="end_sessions"),
    path("persone/<uuid:person_id>/secondo-fattore", people.reset, name="reset_second_factor"),
    path("persone/<uuid:person_id>/assenza", people.absence, name="absence"),
    path("persone/<uuid:person_id>/assenze/<uuid:absence_id>", people.end_absence, name="end_absence"),
    path("persone/<uuid:person_id>/uscita", people.leave, name="leave"),
    path("persone/<uuid:person_id>/riapri", people.reopen, name="reopen"),
    path("ruoli/nuovo", roles.grant, name="grant"),
    path("ruoli/revisione", review.review, name="review"),
    path("persone/<uuid:person_id>/ruoli/<uuid:grant_id>", roles.end, name="end_grant"),
    path("accesso", sign_in_policy.sign_in_policy, name="sign_in_policy"),
    path("attivita", activity.activity, name="activity"),
    path("attivita.csv", activity.activity_csv, name="activity_csv"),
    path("salute", health.health, name="health"),
    path("impostazioni", node.settings, name="node_settings"),
    path("caselle", mailboxes.mailboxes, name="mailboxes"),
    path("caselle/<uuid:mailbox_id>/prova", mailboxes.check, name="check_mailbox"),
    path("preferenze", preferences.preferences, name="preferences"),
]
