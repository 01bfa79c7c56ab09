"""The questions that the exchange answers; the only guarded way to reach a message by an outside id."""

from __future__ import annotations

from crinale.spine.exchange.queries.arrivals import (
    ArrivalView,
    ArrivedFile,
    arrival,
    open_arrived_file,
    received_segnatura,
)
from crinale.spine.exchange.queries.evidence import EnvelopeFile, envelope
from crinale.spine.exchange.queries.index import (
    AreaFound,
    IndexAge,
    OfficeFound,
    area_of_body,
    areas_by_code,
    edition,
    index_age,
    index_rows,
    offices_of_area,
    peer_areas,
    search_index,
)
from crinale.spine.exchange.queries.queue import (
    BOXES,
    Box,
    BoxSize,
    IncidentView,
    MessageRow,
    QueueView,
    message,
    messages_of_registration,
    queue,
    queue_counts,
    queue_sizes,
)
from crinale.spine.exchange.queries.service_levels import ServiceLevels, service_levels
from crinale.spine.exchange.queries.timeline import (
    EnvelopeRef,
    TimelineEntry,
    message_timeline,
    timeline,
    timeline_of,
)

__all__ = [
    "BOXES",
    "AreaFound",
    "ArrivalView",
    "ArrivedFile",
    "Box",
    "BoxSize",
    "EnvelopeFile",
    "EnvelopeRef",
    "IncidentView",
    "IndexAge",
    "MessageRow",
    "OfficeFound",
    "QueueView",
    "ServiceLevels",
    "TimelineEntry",
    "area_of_body",
    "areas_by_code",
    "arrival",
    "edition",
    "envelope",
    "index_age",
    "index_rows",
    "message",
    "message_timeline",
    "messages_of_registration",
    "offices_of_area",
    "open_arrived_file",
    "peer_areas",
    "queue",
    "queue_counts",
    "queue_sizes",
    "received_segnatura",
    "search_index",
    "service_levels",
    "timeline",
    "timeline_of",
]
