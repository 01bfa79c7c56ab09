"""The questions that the pages ask, in the words of the pages."""

from __future__ import annotations

from crinale.services.protocol_office.queries.arrivals import (
    Arrival,
    arrival,
    arrived_file_source,
    message_registration,
    open_arrived_file,
    open_evidence,
)
from crinale.services.protocol_office.queries.boxes import BoxShown, boxes
from crinale.services.protocol_office.queries.channels import channel_words, channels
from crinale.services.protocol_office.queries.choosing import (
    NO_CHOICES,
    Choices,
    DossierChoice,
    Options,
    answered,
    choices,
    index_age_words,
    indexed_party,
    links_by_number,
    office_party,
    registration_id_by_number,
    search_index,
)
from crinale.services.protocol_office.queries.copies import copies, copy, open_copy
from crinale.services.protocol_office.queries.corrections import correctable_values
from crinale.services.protocol_office.queries.days import KINDS as DAY_FILES
from crinale.services.protocol_office.queries.days import daily_day, daily_page, open_daily
from crinale.services.protocol_office.queries.deliveries import exchange_is_open
from crinale.services.protocol_office.queries.dossiers import (
    dossier,
    dossier_page,
    dossiers_for,
    registrations_of_dossier,
)
from crinale.services.protocol_office.queries.emergencies import (
    days_in_doubt,
    emergencies,
    emergency,
    emergency_authorisation,
    emergency_entries,
    emergency_form,
)
from crinale.services.protocol_office.queries.files import Findings, kind_of_file
from crinale.services.protocol_office.queries.handling import (
    assignee_named,
    assignees,
    assignment,
    still_seen,
)
from crinale.services.protocol_office.queries.incidents import Trouble, trouble
from crinale.services.protocol_office.queries.lists import Page, directions, find, register_page
from crinale.services.protocol_office.queries.mails import (
    MailFileShown,
    MailShown,
    MailSuggestions,
    mail,
    mail_advice,
    mail_file_source,
    mail_suggestions,
    next_mail,
    open_mail_file,
    open_original,
    set_aside_page,
)
from crinale.services.protocol_office.queries.presets import preset, preset_named, presets
from crinale.services.protocol_office.queries.printing import label_file, receipt_file
from crinale.services.protocol_office.queries.queue import Sort, box_page, sorts
from crinale.services.protocol_office.queries.reading import (
    delivery_page,
    enclosure_source,
    may,
    open_annulment_act,
    open_enclosure,
    registration,
    registration_named,
    registration_page,
    require,
    require_writing,
    segnatura_file,
    told_of_annulment,
)
from crinale.services.protocol_office.queries.rubric import groups, members_of
from crinale.services.protocol_office.queries.statistics import figures, figures_csv
from crinale.services.protocol_office.queries.submissions import is_acted_upon
from crinale.services.protocol_office.queries.suggesting import (
    Advice,
    Found,
    Written,
    advice,
    kept_party,
    party_detail,
    who,
    who_is_known,
)
from crinale.services.protocol_office.queries.thread import relations

__all__ = [
    "DAY_FILES",
    "NO_CHOICES",
    "Advice",
    "Arrival",
    "BoxShown",
    "Choices",
    "DossierChoice",
    "Findings",
    "Found",
    "MailFileShown",
    "MailShown",
    "MailSuggestions",
    "Options",
    "Page",
    "Sort",
    "Trouble",
    "Written",
    "advice",
    "answered",
    "arrival",
    "arrived_file_source",
    "assignee_named",
    "assignees",
    "assignment",
    "box_page",
    "boxes",
    "channel_words",
    "channels",
    "choices",
    "copies",
    "copy",
    "correctable_values",
    "daily_day",
    "daily_page",
    "days_in_doubt",
    "delivery_page",
    "directions",
    "dossier",
    "dossier_page",
    "dossiers_for",
    "emergencies",
    "emergency",
    "emergency_authorisation",
    "emergency_entries",
    "emergency_form",
    "enclosure_source",
    "exchange_is_open",
    "figures",
    "figures_csv",
    "find",
    "groups",
    "index_age_words",
    "indexed_party",
    "is_acted_upon",
    "kept_party",
    "kind_of_file",
    "label_file",
    "links_by_number",
    "mail",
    "mail_advice",
    "mail_file_source",
    "mail_suggestions",
    "may",
    "members_of",
    "message_registration",
    "next_mail",
    "office_party",
    "open_annulment_act",
    "open_arrived_file",
    "open_copy",
    "open_daily",
    "open_enclosure",
    "open_evidence",
    "open_mail_file",
    "open_original",
    "party_detail",
    "preset",
    "preset_named",
    "presets",
    "receipt_file",
    "register_page",
    "registration",
    "registration_id_by_number",
    "registration_named",
    "registration_page",
    "registrations_of_dossier",
    "relations",
    "require",
    "require_writing",
    "search_index",
    "segnatura_file",
    "set_aside_page",
    "sorts",
    "still_seen",
    "told_of_annulment",
    "trouble",
    "who",
    "who_is_known",
]
