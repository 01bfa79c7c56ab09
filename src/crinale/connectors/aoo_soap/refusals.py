"""Why a message that came over the wire is not accepted: typed reasons, each of which becomes a SOAP fault.

The docstring is the English text; ``italian`` stands beside it, because the clerk at the other end reads
Italian and the programmer of a foreign system may not. ``code`` is stable, for logs and tests.
"""

from __future__ import annotations

import inspect
from typing import ClassVar, Literal

from crinale.kernel.errors import CrinaleError


class MessageRefused(CrinaleError):
    """The message cannot be accepted."""

    code: ClassVar[str] = "refused"
    italian: ClassVar[str] = "Il messaggio non può essere accettato."
    fault: ClassVar[Literal["Client", "Server", "MustUnderstand"]] = "Client"

    def __init__(self, detail: str = "") -> None:
        """Keep what exactly was wrong, in ``detail``."""
        self.detail = detail
        english = inspect.getdoc(type(self)) or self.code
        super().__init__(f"{english} ({detail})" if detail else english)

    @property
    def bilingual(self) -> str:
        """Italian, then English, then the detail: the text of the fault."""
        english = inspect.getdoc(type(self)) or self.code
        return f"{self.italian} / {english}" + (f" [{self.detail}]" if self.detail else "")


class WrongContentType(MessageRefused):
    """The content type is neither text/xml nor an MTOM package."""

    code = "content-type"
    italian = "Il tipo di contenuto non è text/xml né un pacchetto MTOM."


class WrongPackage(MessageRefused):
    """The MTOM package is not well formed."""

    code = "package"
    italian = "Il pacchetto MTOM non è ben formato."


class TruncatedBody(MessageRefused):
    """The body of the request ends before its end."""

    code = "truncated"
    italian = "Il corpo della richiesta è troncato."


class MissingPart(MessageRefused):
    """The envelope refers to a part that the package does not contain."""

    code = "missing-part"
    italian = "La busta si riferisce a una parte che il pacchetto non contiene."


class NotXml(MessageRefused):
    """The envelope is not well-formed XML in UTF-8."""

    code = "xml"
    italian = "La busta non è XML ben formato in UTF-8."


class ForbiddenXml(MessageRefused):
    """The envelope has a DOCTYPE or a processing instruction, which SOAP forbids."""

    code = "doctype"
    italian = "La busta contiene un DOCTYPE o un'istruzione di elaborazione, vietati da SOAP."


class TooDeep(MessageRefused):
    """The elements of the envelope are nested too deeply."""

    code = "depth"
    italian = "Gli elementi della busta sono annidati troppo in profondità."


class TooMuchMarkup(MessageRefused):
    """The envelope has too many elements or too much text outside its files."""

    code = "markup"
    italian = "La busta ha troppi elementi o troppo testo fuori dai file."


class TooLargeMessage(MessageRefused):
    """The message is larger than this node accepts."""

    code = "too-large"
    italian = "Il messaggio è più grande di quanto questo nodo accetti."


class WrongFile(MessageRefused):
    """A file of the message is not valid base64 text."""

    code = "base64"
    italian = "Un file del messaggio non è testo base64 valido."


class WrongMessage(MessageRefused):
    """The message is not one that this interface of Allegato 6 knows."""

    code = "message"
    italian = "Il messaggio non è tra quelli che questa interfaccia dell'Allegato 6 conosce."


class NotUnderstood(MessageRefused):
    """A header of the message must be understood, and this interface does not know it."""

    code = "must-understand"
    italian = "Un'intestazione del messaggio deve essere compresa e questa interfaccia non la conosce."
    fault = "MustUnderstand"


class UnknownArea(MessageRefused):
    """No registry area answers at this address."""

    code = "unknown-area"
    italian = "A questo indirizzo non risponde alcuna AOO."


class NotSecured(MessageRefused):
    """The WS-Security header is missing, or lacks something that the ModI profile requires."""

    code = "security"
    italian = "L'intestazione WS-Security manca o è incompleta rispetto al profilo ModI."


class WrongSignature(MessageRefused):
    """The signature of the message does not verify."""

    code = "signature"
    italian = "La firma del messaggio non è verificata."


class StaleMessage(MessageRefused):
    """The message is outside the time in which it may be accepted."""

    code = "stale"
    italian = "Il messaggio è fuori dal tempo in cui può essere accettato."


class UntrustedCertificate(MessageRefused):
    """The certificate that signed the message is not accepted."""

    code = "certificate"
    italian = "Il certificato che ha firmato il messaggio non è accettato."


class InternalFailure(MessageRefused):
    """The node could not process the message; try again later."""

    code = "internal"
    italian = "Il nodo non ha potuto elaborare il messaggio; riprovare più tardi."
    fault = "Server"
