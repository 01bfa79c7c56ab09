"""Addresses of the protocol office."""

from __future__ import annotations

from django.urls import path

from crinale.services.protocol_office.web import (
    arrivals,
    composing,
    counter,
    days,
    desk,
    dossiers,
    emergency,
    emergency_paper,
    handling,
    incidents,
    registration,
)

app_name = "protocol_office"
urlpatterns = [
    path("", desk.queue, name="queue"),
    path("registro", desk.registrations, name="registrations"),
    path("cerca", desk.search, name="search"),
    path("nuovo/uscita", composing.outgoing, name="outgoing"),
    path("nuovo/uscita/destinatari", composing.recipients, name="recipients"),
    path("nuovo/uscita/indice", composing.index_search, name="index_search"),
    path("nuovo/uscita/oggetto", composing.subject_advice, name="subject_advice"),
    path("nuovo/documenti", composing.documents, name="documents"),
    path("nuovo/arrivo", counter.counter, name="counter"),
    path("nuovo/arrivo/corrispondente", counter.correspondent, name="correspondent"),
    path("nuovo/interno", counter.internal, name="internal"),
    path("arrivi/<uuid:message_id>", arrivals.waiting, name="waiting"),
    path(
        "arrivi/<uuid:message_id>/documenti/<int:position>",
        arrivals.waiting_document,
        name="waiting_document",
    ),
    path("messaggi/<uuid:message_id>/riprova", arrivals.retry, name="retry"),
    path("messaggi/<uuid:message_id>/presa-visione", arrivals.noted, name="noted"),
    path("messaggi/<uuid:message_id>/disservizio", incidents.incident, name="incident"),
    path("prove/<uuid:wire_id>", arrivals.evidence, name="evidence"),
    path("registrazioni/<uuid:registration_id>", registration.page, name="registration"),
    path("registrazioni/<uuid:registration_id>/segnatura.xml", registration.segnatura, name="segnatura"),
    path("registrazioni/<uuid:registration_id>/segnatura.txt", registration.stamp, name="stamp"),
    path(
        "registrazioni/<uuid:registration_id>/documenti/<uuid:document_id>",
        registration.document,
        name="document",
    ),
    path("registrazioni/<uuid:registration_id>/annulla", registration.annul, name="annul"),
    path("registrazioni/<uuid:registration_id>/assegna", handling.assign, name="assign"),
    path(
        "registrazioni/<uuid:registration_id>/assegnazioni/<uuid:assignment_id>/<str:step>",
        handling.step,
        name="assignment_step",
    ),
    path("registrazioni/<uuid:registration_id>/riclassifica", registration.reclassify, name="reclassify"),
    path("registrazioni/<uuid:registration_id>/fascicola", dossiers.put_in_dossier, name="put_in_dossier"),
    path("fascicoli", dossiers.dossiers, name="dossiers"),
    path("fascicoli/nuovo", dossiers.open_dossier, name="open_dossier"),
    path("fascicoli/<uuid:dossier_id>", dossiers.dossier, name="dossier"),
    path("fascicoli/<uuid:dossier_id>/chiudi", dossiers.close_dossier, name="close_dossier"),
    path("giornalieri", days.daily, name="daily"),
    path("giornalieri/<str:day>", days.daily_day, name="daily_day"),
    path("giornalieri/<str:day>/riversa", days.repeat_deposit, name="repeat_deposit"),
    path("giornalieri/<str:day>/<str:kind>", days.daily_file, name="daily_file"),
    path("emergenza", emergency.emergency, name="emergency"),
    path("emergenza/modulo.pdf", emergency_paper.blank_form, name="emergency_form"),
    path("emergenza/autorizzazione.pdf", emergency_paper.authorisation, name="emergency_authorisation"),
    path("emergenza/<uuid:emergency_id>", emergency_paper.page, name="emergency_page"),
    path("emergenza/<uuid:emergency_id>/righe", emergency_paper.lines, name="emergency_lines"),
    path("emergenza/<uuid:emergency_id>/registra", emergency.emergency_enter, name="emergency_enter"),
    path("emergenza/<uuid:emergency_id>/proroga", emergency.emergency_extend, name="emergency_extend"),
    path("emergenza/<uuid:emergency_id>/chiudi", emergency.emergency_close, name="emergency_close"),
]
