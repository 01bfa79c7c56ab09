"""The kinds of posts that the norms know, with their names; a body may call its own otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

POST_KINDS: Final[Mapping[str, _StrPromise]] = {
    "head": _("Head of the office"),  # D.Lgs. 267/2000 art. 107
    "procedure": _("Responsible for the procedure"),  # L. 241/1990 art. 5
    "project": _("Responsible for the project"),  # RUP, D.Lgs. 36/2023 art. 15
    "records": _("Head of records management"),  # DPR 445/2000 art. 61
    "preservation": _("Responsible for preservation"),  # CAD art. 44
    "digital_transition": _("Responsible for digital transition"),  # CAD art. 17
    "data_protection": _("Data protection officer"),  # Regulation (EU) 2016/679 art. 37
    "transparency": _("Responsible for transparency and against corruption"),  # L. 190/2012 art. 1 c. 7
    "secretary": _("Secretary of the body"),  # D.Lgs. 267/2000 art. 97
    "other": _("Another post"),
}
