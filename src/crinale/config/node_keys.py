"""Where a node keeps its private keys and the certificates that it trusts, under the `secrets` of its home.

tls/node.pem, tls/node.key          the machine listener, and this node as a client of others
messages/<AOO>.pem, <AOO>.key       signatures of the SOAP messages of a registry area
seals/<AOO>.pem, <AOO>.key          seals of a registry area, where they are files
trust/*.pem                         root authorities that are believed, intermediate ones that lead to them
trust/*.crl                         lists of the certificates that authorities revoked
mail/authorities/*.pem, *.crl       the same for providers of certified mail and mail servers: none of them
                                    opens the machine listener, none of the others vouches for a mail
tls/client-authorities.pem          the roots in one file, for the machine listener
mail/<address>                      password of a mailbox, readable by the node's user only
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class NodeKeys:
    """The key files of one node; none of them need exist."""

    root: Path

    @property
    def tls_certificate(self) -> Path:
        """The node's own certificate, with its issuers after it if there are any."""
        return self.root / "tls" / "node.pem"

    @property
    def tls_key(self) -> Path:
        """The key of the node's own certificate."""
        return self.root / "tls" / "node.key"

    @property
    def trust(self) -> Path:
        """The folder of the authorities that are trusted for TLS between nodes, messages and seals."""
        return self.root / "trust"

    @property
    def mail_trust(self) -> Path:
        """The folder of the authorities that are trusted for certified mail and for mail servers."""
        return self.root / "mail" / "authorities"

    @property
    def client_authorities(self) -> Path:
        """All trusted roots in one file, as the machine listener reads them."""
        return self.root / "tls" / "client-authorities.pem"

    def authorities(self) -> list[Path]:
        """The certificates of the trusted authorities."""
        return sorted(self.trust.glob("*.pem"))

    def mail_authorities(self) -> list[Path]:
        """The certificates of the authorities that are trusted for mail."""
        return sorted(self.mail_trust.glob("*.pem"))

    def revocation_lists(self) -> list[Path]:
        """The lists of the certificates that the authorities revoked."""
        return sorted(self.trust.glob("*.crl"))

    def message(self, aoo_code: str) -> tuple[Path, Path]:
        """Certificate and key that sign the messages of an area."""
        return self._pair("messages", aoo_code)

    def seal(self, aoo_code: str) -> tuple[Path, Path]:
        """Certificate and key that seal the segnature of an area."""
        return self._pair("seals", aoo_code)

    def mail_password(self, address: str) -> str | None:
        """The password of a mailbox; None when there is none, or when others may read it."""
        name = address.strip().lower()
        if "@" not in name or "/" in name or "\0" in name or name.startswith("."):
            return None
        file = self.root / "mail" / name
        try:
            if file.stat().st_mode & 0o077:
                _log.error("the password %s may be read by others: chmod 600", file)
                return None
            return file.read_text(encoding="utf-8").rstrip("\r\n") or None
        except FileNotFoundError:
            return None

    def _pair(self, use: str, aoo_code: str) -> tuple[Path, Path]:
        return self.root / use / f"{aoo_code}.pem", self.root / use / f"{aoo_code}.key"
