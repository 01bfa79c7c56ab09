"""Real mail servers on loopback for the tests: dovecot (IMAP, passwords) and postfix (SMTP).

Dovecot runs as nobody where the tests are root, else as whoever runs them. Postfix insists on being started
by root and then works as its own users. Both stay in the foreground as our children, keep everything in one
folder of ours and are stopped by process id.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crinale.config.node import free_port
from crinale.connectors.aoo_soap.tests.support import authority, key

if TYPE_CHECKING:
    from collections.abc import Iterator

DOVECOT = Path("/usr/sbin/dovecot")
POSTFIX_MASTER = Path("/usr/lib/postfix/sbin/master")
NOBODY = 65534
PASSWORD = "parola-di-prova"
SECONDS = 20.0
DOMAINS = ("pec.montieri.example", "pec.massa.example")


@dataclass
class Servers:
    """Where the servers listen, and the maildirs behind them."""

    root: Path
    imaps: int = field(default_factory=free_port)
    imap: int = field(default_factory=free_port)
    auth: int = field(default_factory=free_port)
    smtps: int = field(default_factory=free_port)
    submission: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _put: int = 0

    def maildir(self, address: str) -> Path:
        return self.root / "mail" / address / "Maildir"

    def put(self, address: str, content: bytes) -> None:
        """Put a mail into a mailbox, as a delivery does; names grow, so that UIDs do."""
        self._put += 1
        maildir = self.maildir(address)
        for folder in (maildir.parent, maildir, *(maildir / name for name in ("tmp", "new", "cur"))):
            folder.mkdir(parents=True, exist_ok=True)
            os.chown(folder, NOBODY, NOBODY)
        file = maildir / "tmp" / f"{1_700_000_000 + self._put}.M1P{self._put}.localhost"
        file.write_bytes(content)
        os.chown(file, NOBODY, NOBODY)
        file.rename(maildir / "new" / file.name)

    def log(self) -> str:
        return "\n".join(
            file.read_text(encoding="utf-8", errors="replace")[-3000:] for file in self.root.glob("*.log")
        )


def missing() -> str:
    """Say why the servers cannot run here, empty when they can."""
    if not DOVECOT.exists():
        return "dovecot is not installed (Debian: dovecot-imapd)"
    if not POSTFIX_MASTER.exists():
        return "postfix is not installed (Debian: postfix)"
    return "" if os.geteuid() == 0 else "postfix can only be started by root"


def skip_if_missing() -> None:
    if reason := missing():
        pytest.skip(f"no mail servers to test with: {reason}")


@contextlib.contextmanager
def running() -> Iterator[Servers]:
    """Start both servers, and stop them at the end."""
    # Not below the folder of pytest, which other users may not enter.
    root = Path(tempfile.mkdtemp(prefix="crinale-mail-"))
    root.chmod(0o755)
    servers = Servers(root)
    try:
        _write_tls(root)
        start_dovecot(servers)
        start_postfix(servers)
        yield servers
    finally:
        for name in list(servers.processes):
            stop(servers, name)
        shutil.rmtree(root)


def stop(servers: Servers, name: str) -> None:
    """End a server and wait for its end."""
    process = servers.processes.pop(name)
    process.terminate()
    try:
        process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(SECONDS)


def crash(servers: Servers, name: str) -> None:
    """End a server and all its processes at once, as a power cut does."""
    process = servers.processes.pop(name)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(SECONDS)


def start_dovecot(servers: Servers) -> None:
    root = servers.root
    as_root = os.geteuid() == 0
    user = "nobody" if as_root else pwd.getpwuid(os.geteuid()).pw_name
    for name in ("mail", "dovecot"):
        (root / name).mkdir(exist_ok=True)
        if as_root:
            os.chown(root / name, NOBODY, NOBODY)
    config = root / "dovecot.conf"
    config.write_text(_DOVECOT.format(root=root, user=user, s=servers, password=PASSWORD), encoding="utf-8")
    identity = {"user": NOBODY, "group": _group_of(NOBODY), "extra_groups": []} if as_root else {}
    with (root / "dovecot-start.log").open("wb") as log:
        servers.processes["dovecot"] = subprocess.Popen(
            [DOVECOT, "-F", "-c", config],
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
            **identity,  # type: ignore[call-overload]
        )
    for port in (servers.imaps, servers.imap, servers.auth):
        _wait_for(servers, "dovecot", port)


def start_postfix(servers: Servers) -> None:
    root = servers.root
    home = root / "postfix"
    home.mkdir(exist_ok=True)
    queue = home / "queue"
    if not queue.exists():
        _write_postfix(servers, home, queue)
    with (root / "postfix-start.log").open("wb") as log:
        servers.processes["postfix"] = subprocess.Popen(
            [POSTFIX_MASTER, "-c", home, "-d"],
            stdout=subprocess.DEVNULL,
            stderr=log,
            env={**os.environ, "MAIL_CONFIG": str(home)},
            start_new_session=True,
        )
    for port in (servers.smtps, servers.submission):
        _wait_for(servers, "postfix", port)


def _write_postfix(servers: Servers, home: Path, queue: Path) -> None:
    """Write the settings of postfix and make its queue, owned as it wants."""
    postfix = pwd.getpwnam("postfix")
    queue.mkdir()
    for name in _OWN:
        (queue / name).mkdir()
        os.chown(queue / name, postfix.pw_uid, -1)
        (queue / name).chmod(0o700)
    (queue / "pid").mkdir()
    (queue / "public").chmod(0o710)
    for name in ("public", "maildrop"):
        shutil.chown(queue / name, "postfix", "postdrop")
    (queue / "maildrop").chmod(0o730)
    data = home / "data"
    data.mkdir(mode=0o700)
    os.chown(data, postfix.pw_uid, postfix.pw_gid)
    addresses = [f"casella{number}@{domain}" for number in range(100) for domain in DOMAINS]
    (home / "mailboxes").write_text(
        "".join(f"{address} {address}/Maildir/\n" for address in addresses), encoding="ascii"
    )
    shutil.copy("/etc/postfix/dynamicmaps.cf", home / "dynamicmaps.cf")
    (home / "main.cf").write_text(
        _MAIN.format(root=servers.root, home=home, queue=queue, s=servers, nobody=NOBODY), encoding="ascii"
    )
    (home / "master.cf").write_text(_MASTER.format(s=servers), encoding="ascii")


def _write_tls(root: Path) -> None:
    key("mail").write(root, "server")
    (root / "server.key").chmod(0o644)  # dovecot reads it as nobody; it is good for this test only
    authority("Test CA").write(root, "authority")


def _wait_for(servers: Servers, name: str, port: int) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if servers.processes[name].poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail(f"{name} does not answer on {port}:\n{servers.log()}")


def _group_of(user: int) -> int:
    return pwd.getpwuid(user).pw_gid


def client_tls(servers: Servers) -> ssl.SSLContext:
    """TLS that believes the authority of the servers."""
    return ssl.create_default_context(cafile=servers.root / "authority.pem")


_OWN = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved"),
    *("trace", "public", "maildrop"),
)
_DOVECOT = """
base_dir = {root}/dovecot/run
state_dir = {root}/dovecot/state
log_path = {root}/dovecot/dovecot.log
protocols = imap
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = nogroup
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 0
mail_location = maildir:{root}/mail/%u/Maildir
disable_plaintext_auth = no
auth_mechanisms = plain login
ssl = yes
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.key
ssl_dh =
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid=nogroup home={root}/mail/%u allow_all_users=yes
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {s.auth}
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {s.imap}
  }}
  inet_listener imaps {{
    port = {s.imaps}
    ssl = yes
  }}
}}
"""
_MAIN = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {home}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {root}/postfix.log
maillog_file_prefixes = {root}
myhostname = localhost
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
message_size_limit = 20000000
mailbox_size_limit = 0
virtual_mailbox_limit = 0
virtual_mailbox_domains = pec.montieri.example, pec.massa.example
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{nobody}
virtual_minimum_uid = 1
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{s.auth}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_tls_cert_file = {root}/server.pem
smtpd_tls_key_file = {root}/server.key
smtpd_tls_security_level = may
smtpd_client_connection_rate_limit = 0
"""
_MASTER = """
127.0.0.1:{s.submission} inet n - n - - smtpd
127.0.0.1:{s.smtps} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""
