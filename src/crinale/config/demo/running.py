"""The running network: four nodes under one process, started together and stopped together."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from crinale.config import processes
from crinale.config.database_urls import APP_URL, OWNER_URL
from crinale.config.demo import credentials, description, forking, network, post_office
from crinale.config.demo.homes import LOOPBACK, TEST_CLIENT_PORTS
from crinale.config.embedded_postgres import EmbeddedPostgres
from crinale.config.migrate import migrate
from crinale.config.node import NodeHome
from crinale.config.processes import NodeProcesses
from crinale.config.ready_cluster import give_cluster
from crinale.kernel.errors import CrinaleError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from crinale.config.demo.homes import DemoHome, NodePorts
    from crinale.config.demo.network import NodePlan

# Allegato 6 tries again after 2, 4 and 8 hours; the demonstration after 20, 40 and 80 seconds.
RETRY_SCALE = 1 / 360
# A node asks its mail servers every minute, and the demonstration its folder every other second.
MAIL_SECONDS = 2
WATCH_SECONDS = 0.25
# Four clusters on one machine: small ones, which is all that a demonstration needs.
POSTGRES = {"shared_buffers": "64MB", "max_connections": "60"}


class StepFailed(CrinaleError):
    """A step of the demonstration failed."""


class DemoNetwork:
    """The nodes and what runs of them. Use it from the main thread, to which children are tethered."""

    def __init__(self, home: DemoHome, plans: tuple[NodePlan, ...] = network.NODES) -> None:
        self.home = home
        self.plans = plans
        self.nodes: dict[str, NodeProcesses] = {}
        self.ports: dict[str, NodePorts] = {}
        self._down: set[str] = set()
        self._supervisors: list[forking.ForkingSupervisor] = []
        self.test_credentials: credentials.TestCredentials | None = None

    def start(self, tell: Callable[[str], None] = lambda _: None) -> None:
        """Bring the network up: databases, bodies, the hub with its index, listeners and workers.

        :raises StepFailed: when a node cannot be loaded.
        """
        # Whatever server the environment names, each node of the demonstration has its own.
        for name in (OWNER_URL, APP_URL):
            os.environ.pop(name, None)
        self.test_credentials = credentials.issue(self.home)
        self.ports = self.home.ports()
        post_office.open_mailboxes(self.home)
        for plan in self.plans:
            self.nodes[plan.name] = self._node(plan)
        forking.warm_up()
        try:
            self._start(tell)
        except BaseException:
            self.stop()
            raise

    def _start(self, tell: Callable[[str], None]) -> None:
        for name in self.nodes:
            self.home.down_mark(name).unlink(missing_ok=True)
        for node in self.nodes.values():
            give_cluster(node.home)
            _start_postgres(node)
        tell("databases answer")
        with ThreadPoolExecutor(len(self.nodes)) as pool:
            fresh = list(pool.map(_migrate, self.nodes.values()))
        if any(fresh):
            tell("tables are up to date")
        changed = self._changed()
        if changed:
            self._everywhere(changed, self._load)
            tell("bodies, offices, people and filing plans are loaded")
        for node in self.nodes.values():
            node.start_children()
        for node in self.nodes.values():
            node.wait_ready()
        self.home.write_endpoints(description.describe(self))
        tell("pages and machine interfaces answer")
        if changed:
            if network.HUB in self.nodes:
                self._everywhere([name for name in self.nodes if name != network.HUB], _fetch_index)
                tell("the nodes have the hub's index of areas")
            self._settle(changed)

    def _node(self, plan: NodePlan) -> NodeProcesses:
        ports = self.ports[plan.name]
        home = NodeHome(self.home.node(plan.name))
        home.prepare()
        home.update_settings(
            node={"name": plan.name, "title": plan.title, "hub": plan.is_hub},
            demonstration={"clock": str(self.home.clock)},
            web={"host": LOOPBACK, "port": ports.pages, "threads": 4},
            machine={
                "host": LOOPBACK,
                "port": ports.machine,
                "threads": 4,
                "certificate": "secrets/tls/node.pem",
                "key": "secrets/tls/node.key",
                "client_ca": f"secrets/trust/{credentials.TRUST_FILE}",
            },
            exchange={"hub": self.machine_url(network.HUB), "retry_scale": RETRY_SCALE},
            preservation={"folder": "preservation", "simulated": True},
            mail={
                "provider_folder": str(self.home.mail),
                "provider_domains": list(network.PEC_DOMAINS),
                "every_seconds": MAIL_SECONDS,
            },
        )
        node = NodeProcesses(home)
        node.supervisor = supervisor = forking.ForkingSupervisor(run=home.run, log=home.log)
        self._supervisors.append(supervisor)
        return node

    def _changed(self) -> list[str]:
        """The nodes that were loaded before the plan, or an address, changed; all of them when any was."""
        wanted = self._fingerprint()
        loaded = [node.home.settings()["demonstration"].get("loaded") for node in self.nodes.values()]
        return [] if all(one == wanted for one in loaded) else list(self.nodes)

    def _settle(self, names: list[str]) -> None:
        for name in names:
            self.nodes[name].home.update_settings(demonstration={"loaded": self._fingerprint()})

    def _fingerprint(self) -> str:
        prefixes = {name: self.machine_url(name) for name in self.nodes}
        return description.load_fingerprint({**prefixes, "test client": self.test_client_url})

    def _load(self, name: str) -> None:
        """Put the bodies of a node on it, or the index on the hub; runs on that node."""
        from crinale.config.demo import enrolment, loading
        from crinale.config.demo.passwords import passwords

        if network.node(name).is_hub or network.HUB not in self.nodes:
            enrolment.enrol(self)
        enrolment.know_the_body_outside()
        loading.load(
            network.node(name),
            endpoint_prefix=self.machine_url(name),
            secret_words=passwords(self.home.secrets / "passwords.json"),
        )

    def _everywhere(self, names: list[str], work: Callable[[str], object]) -> None:
        """Do something on several nodes at once.

        :raises StepFailed: when it fails on any of them; the reason is on the terminal.
        """
        running = {name: self.run_on(name, partial(work, name)) for name in names}
        if failed := [name for name, process in running.items() if process.wait() != 0]:
            message = f"A step failed on {', '.join(failed)}; the reason is above."
            raise StepFailed(message)

    def run_on(self, name: str, work: Callable[[], object]) -> forking.Forked:
        """Run a function in a process of a node, with Django set up as the application."""
        return forking.fork(
            lambda: _with_django(work), environment=self.nodes[name].child_environment(processes.WORKER)
        )

    def machine_url(self, name: str) -> str:
        """The prefix of a node's machine interfaces."""
        return f"https://{LOOPBACK}:{self.ports[name].machine}"

    @property
    def test_client_url(self) -> str:
        """Where the area that a foreign system plays is expected to answer."""
        return f"https://{LOOPBACK}:{self.ports[TEST_CLIENT_PORTS].machine}/aoo/{credentials.TEST_CLIENT.aoo_code}"

    def pages_url(self, name: str) -> str:
        """The address of a node's pages."""
        return f"http://localhost:{self.ports[name].pages}/"

    def watch(self, stopping: threading.Event) -> Iterator[str]:
        """Keep everything running until the event is set; yields what happened."""
        while not stopping.wait(WATCH_SECONDS):
            yield from self.look()

    def look(self) -> Iterator[str]:
        """Look once after every node."""
        for name, node in self.nodes.items():
            wanted_down = self.home.down_mark(name).exists()
            if name in self._down:
                if not wanted_down:
                    _start_postgres(node)
                    node.start_children()
                    self._down.remove(name)
                    yield f"{name} is up again"
            elif wanted_down:
                node.stop()
                self._down.add(name)
                yield f"{name} is down, as asked"
            else:
                yield from (f"{name}: {restarted} started again" for restarted in node.watch())

    def stop(self) -> None:
        """Stop every process of every node, the databases last."""
        for supervisor in self._supervisors:
            supervisor.ask_all_to_stop()
        for supervisor in self._supervisors:
            supervisor.stop_all()
        for node in self.nodes.values():
            if node.postgres is not None:
                node.postgres.stop()


def _start_postgres(node: NodeProcesses) -> None:
    node.home.secret("django")
    node.home.secret("second-factors")
    node.postgres = EmbeddedPostgres(node.home, settings=POSTGRES)
    node.postgres.start()


def _migrate(node: NodeProcesses) -> bool:
    assert node.postgres is not None  # noqa: S101  started just before
    return migrate(node.postgres.owner_url(), node.postgres.app_url(), home=node.home)


def _with_django(work: Callable[[], object]) -> None:
    import django
    from django.utils import translation

    django.setup()
    translation.activate("en")  # the language of the command line
    work()
    sys.stdout.flush()


def _fetch_index(name: str) -> None:
    from crinale.spine.exchange import actions as exchange
    from crinale.spine.exchange import queries

    exchange.refresh_index()
    if queries.area_of_body(network.RECIPIENT.ipa_code) is None:
        message = f"{name} could not fetch the index: {queries.index_age()}"
        raise StepFailed(message)
