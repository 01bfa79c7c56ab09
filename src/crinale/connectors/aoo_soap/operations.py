"""The four operations of Allegato 6 and what their WSDLs call them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from crinale.connectors.aoo_soap import names

Role = Literal["destinatario", "mittente"]
OperationKey = Literal["forward", "confirm", "annul_by_sender", "annul_by_recipient"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: which of the two interfaces has it, and the names of its messages."""

    key: OperationKey
    role: Role
    request: str
    response: str

    @property
    def namespace(self) -> str:
        """Target namespace of its WSDL."""
        return names.RECIPIENT if self.role == "destinatario" else names.SENDER

    @property
    def port_type(self) -> str:
        """Name of its port type."""
        return f"Protocollo{self.role.capitalize()}PortType"

    def action(self, message: str) -> str:
        """``wsa:Action`` by the default pattern of WS-Addressing Metadata: ``soapAction`` is empty."""
        return f"{self.namespace}{self.port_type}/{message}"


FORWARD: Final = Operation("forward", "destinatario", "RequestMessageInoltro", "ResponseMessageInoltro")
CONFIRM: Final = Operation(
    "confirm", "mittente", "RequestConfermaMessaggioInoltro", "ResponseConfermaMessaggioInoltro"
)
ANNUL_BY_SENDER: Final = Operation(
    "annul_by_sender",
    "destinatario",
    "RequestAnnullamentoInoltroMittente",
    "ResponseAnnullamentoInoltroMittente",
)
ANNUL_BY_RECIPIENT: Final = Operation(
    "annul_by_recipient",
    "mittente",
    "RequestAnnullamentoInoltroDestinatario",
    "ResponseAnnullamentoInoltroDestinatario",
)
OPERATIONS: Final = (FORWARD, CONFIRM, ANNUL_BY_SENDER, ANNUL_BY_RECIPIENT)
BY_REQUEST: Final = {(each.role, names.q(each.namespace, each.request)): each for each in OPERATIONS}
