"""Addresses of staff access."""

from __future__ import annotations

from django.urls import path

from crinale.services.staff_access.web import absences, security, signing_in, views

app_name = "staff_access"
urlpatterns = [
    path("accedi", signing_in.sign_in, name="sign_in"),
    path("accedi/secondo-fattore", signing_in.second_step, name="second_step"),
    path("accedi/ritorno", signing_in.arrive, name="arrive"),
    path("accedi/ente/<str:code>", signing_in.depart, name="depart"),
    path("scegli", views.choose, name="choose"),
    path("esci", views.sign_out, name="sign_out"),
    path("lingua", views.language, name="language"),
    path("presente", views.keep_alive, name="keep_alive"),
    path("sicurezza", security.security, name="security"),
    path("sicurezza/conferma", security.confirm, name="confirm"),
    path("sicurezza/applicazione", security.add_authenticator, name="add_authenticator"),
    path("sicurezza/passkey", security.add_passkey, name="add_passkey"),
    path("sicurezza/togli/<uuid:factor_id>", security.remove, name="remove_factor"),
    path("sicurezza/codici", security.recovery_codes, name="recovery_codes"),
    path("sicurezza/sessioni", security.end_others, name="end_others"),
    path("assenze", absences.absences, name="absences"),
    path("assenze/<uuid:absence_id>/termina", absences.end, name="end_absence"),
]
