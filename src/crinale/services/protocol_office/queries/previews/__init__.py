"""What a file holds, made readable without opening it: nothing of it is ever executed, here or there.

A page shows either our own words about a file or pictures of its pages, drawn apart from the server. What
cannot be shown so says why, and stays there to be downloaded.
"""

from __future__ import annotations

from crinale.services.protocol_office.queries.previews.recognising import Source, picture, preview
from crinale.services.protocol_office.queries.previews.shown import Preview, Section

__all__ = ["Preview", "Section", "Source", "picture", "preview"]
