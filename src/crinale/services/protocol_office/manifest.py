"""The manifest of the protocol office."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from crinale.kernel.manifest import Manifest, MenuEntry

MANIFEST = Manifest(
    name="protocol_office",
    title=gettext_noop("Protocol office"),
    legal_basis=(
        "DPR 445/2000 art. 50-70",
        "D.Lgs. 82/2005 art. 40-bis, 47",
        "AgID guidelines on electronic documents, chapter 3 and annex 6",
    ),
    urls="crinale.services.protocol_office.web.urls",
    prefix="protocollo/",
    home_url_name="protocol_office:queue",
    search_url_name="protocol_office:search",
    search_permission="protocol.search",
    menu=(
        MenuEntry(
            label=gettext_noop("What is waiting for me"),
            url_name="protocol_office:queue",
            permission="exchange.view",
            position=10,
        ),
        MenuEntry(
            label=gettext_noop("New outgoing"),
            url_name="protocol_office:outgoing",
            permission="protocol.register",
            position=20,
        ),
        MenuEntry(
            label=gettext_noop("Arrival by hand"),
            url_name="protocol_office:counter",
            permission="protocol.register_incoming",
            position=30,
        ),
        MenuEntry(
            label=gettext_noop("New internal"),
            url_name="protocol_office:internal",
            permission="protocol.register",
            position=40,
        ),
        MenuEntry(
            label=gettext_noop("Register"),
            url_name="protocol_office:registrations",
            permission="protocol.view",
            position=50,
        ),
        MenuEntry(
            label=gettext_noop("Dossiers"),
            url_name="protocol_office:dossiers",
            permission="protocol.view",
            position=55,
        ),
        MenuEntry(
            label=gettext_noop("Filing plan"),
            url_name="protocol_office:filing_plan",
            permission="protocol.view",
            position=57,
        ),
        MenuEntry(
            label=gettext_noop("Address book"),
            url_name="protocol_office:address_book",
            permission="protocol.view",
            position=58,
        ),
        MenuEntry(
            label=gettext_noop("Daily registers"),
            url_name="protocol_office:daily",
            permission="protocol.view",
            position=60,
        ),
        MenuEntry(
            label=gettext_noop("Emergency"),
            url_name="protocol_office:emergency",
            permission="protocol.emergency",
            position=70,
        ),
    ),
    retention=(
        "A row per form that registered something, to register it once, for 30 days. A file uploaded for a "
        "document that was never registered stays among the documents of the body: whether it may go is "
        "decided when records are discarded, not here."
    ),
)
