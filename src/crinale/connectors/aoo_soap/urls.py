"""Addresses of the SOAP interfaces on the machine listener: ``/aoo/<CodiceAOO>/protocollo/...``."""

from __future__ import annotations

from django.urls import path

from crinale.connectors.aoo_soap.server import interface

urlpatterns = [
    path(
        "aoo/<str:code>/protocollo/destinatario",
        interface,
        {"role": "destinatario"},
        name="aoo-soap-destinatario",
    ),
    path("aoo/<str:code>/protocollo/mittente", interface, {"role": "mittente"}, name="aoo-soap-mittente"),
]
