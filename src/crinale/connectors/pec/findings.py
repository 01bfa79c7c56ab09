"""What may be wrong with a mail, in words for the clerk; collected while the mail is read."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop as _

EMPTY_MAIL: Final = _("The mail is empty.")
NO_HEADERS: Final = _("This is not a mail: it has no headers.")
TOO_LARGE: Final = _("The mail is larger than this node reads; only its headers were read.")
LEFT_ON_SERVER: Final = _(
    "The mail is larger than this node fetches: it stays on the server, and only its headers are here."
)
NOT_UNDERSTOOD: Final = _("The mail could not be understood; the original is kept.")
LONG_HEADERS: Final = _("The headers are too long and were cut.")
TOO_DEEP: Final = _("Parts are nested too deeply; the innermost were kept as one file.")
TOO_MANY_PARTS: Final = _("The mail has too many parts; the last ones were not read.")
NOT_CLOSED: Final = _("The mail ends before its last part is closed.")
NO_PARTS: Final = _("The mail says that it has parts, but none is found; it was read as text.")
REPEATED_HEADER: Final = _("A header that may stand once stands more than once; the first one was taken.")
NO_SENDER: Final = _("The sender is missing or not an address.")
NO_DATE: Final = _("The date is missing.")
WRONG_DATE: Final = _("The date cannot be read.")
NO_MESSAGE_ID: Final = _("The mail has no Message-ID.")
WRONG_CHARSET: Final = _(
    "Some text is in a character set that is unknown or wrongly named; it was read as well as possible."
)
WRONG_ENCODING: Final = _("A part is not encoded as it says; what could be decoded was kept.")
EMPTY_FILE: Final = _("An attached file is empty and was left out.")
CLEANED_NAME: Final = _(
    "A file name held characters that are invisible or change the reading order; they were removed."
)
NAME_WITH_FOLDERS: Final = _("A file name named folders; only its last part was kept.")
UNNAMED_FILE: Final = _("An attached file had no usable name and was given one.")
TEXT_CUT: Final = _("The text is too long and was cut; the whole stands in the original.")
TNEF_OPENED: Final = _("A winmail.dat was opened, and the files in it were taken out.")
TNEF_DAMAGED: Final = _("A winmail.dat is damaged and was kept as it is.")
UUENCODE_DAMAGED: Final = _("A uuencoded file in the text is damaged; what could be decoded was kept.")
ELSEWHERE: Final = _("A part of the mail is kept elsewhere on the network and was not fetched.")
INCOMPLETE: Final = _("The mail is one fragment of a longer one.")
ENCRYPTED: Final = _("The mail is encrypted or enclosed in a signature; its content was kept as a file.")
SECOND_PROTOCOL_FILE: Final = _(
    "There is more than one protocol file; the others were kept as ordinary files."
)
LARGE_PROTOCOL_FILE: Final = _("A protocol file is too large and was kept as an ordinary file.")
NO_SIGNATURE: Final = _("It calls itself certified mail but no provider signed it: do not rely on it.")
BROKEN_SIGNATURE: Final = _("The signature of the certified mail provider does not match: do not rely on it.")
UNTRUSTED_SIGNATURE: Final = _("The signature of the certified mail provider is not of a trusted authority.")
NO_CERTIFICATION: Final = _("The certification data (daticert.xml) are missing.")
WRONG_CERTIFICATION: Final = _("The certification data (daticert.xml) cannot be read.")
OTHER_KIND: Final = _("The headers and the certification data disagree.")
UNKNOWN_ENVELOPE: Final = _("It is a kind of certified mail envelope that is not known.")
NO_INNER_MAIL: Final = _("The original mail (postacert.eml) is missing from the envelope.")


class Findings:
    """What was found so far, each once, in the order of finding."""

    def __init__(self) -> None:
        self._found: dict[str, None] = {}

    def add(self, finding: str) -> None:
        """Note a finding."""
        self._found[finding] = None

    def all(self) -> tuple[str, ...]:
        """Return the findings."""
        return tuple(self._found)
