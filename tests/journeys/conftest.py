"""A node in this process, a Chromium, and axe: skipped, with the reason, where one is missing."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from crinale.config.installation import ASSETS, TEST_ASSETS
from crinale.services.protocol_office.tests.desks import Desks
from crinale.spine.exchange.tests.conftest import committed_pair
from crinale.ui import session

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from crinale.spine.exchange.tests.pair import Pair
    from crinale.spine.protocol.tests.town import Town

__all__ = ["committed_pair"]

AXE = TEST_ASSETS / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine (Debian: apt install chromium)")
    return found


@pytest.fixture(scope="session")
def browser(socket_enabled_for_session: None) -> Iterator[Browser]:
    executable = _chromium()
    if not AXE.exists() or not (ASSETS / "bootstrap-italia").exists():
        pytest.skip("the front-end assets are not installed (./crinale setup)")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        chromium = playwright.chromium.launch(executable_path=executable, args=["--disable-dev-shm-usage"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def socket_enabled_for_session() -> None:
    """Playwright talks to its driver over pipes and a socket pair; hosts stay limited to the loopback."""
    import pytest_socket

    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@dataclass
class Node:
    """The pages, served on a loopback port to a browser."""

    desks: Desks
    browser: Browser
    url: str
    faults: list[str] = field(default_factory=list)

    def open(
        self,
        town: Town | None = None,
        *,
        width: int = 1280,
        scripts: bool = True,
        role: str = "records_manager",
    ) -> Page:
        """A page of the browser, signed in for a town's area when one is named."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            base_url=self.url,
            java_script_enabled=scripts,
            locale="it-IT",
            bypass_csp=False,
        )
        if town is not None:
            client = self.desks.at(town, role=role)
            name, morsel = next(iter(client.cookies.items()))
            context.add_cookies([{"name": name, "value": morsel.value, "url": self.url}])
        page = context.new_page()
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        return page

    def _hear(self, kind: str, text: str) -> None:
        # An answer of 4xx is part of several journeys; a refused style or script never is.
        if kind == "error" and "Failed to load resource" not in text:
            self.faults.append(text)

    def check(self, page: Page) -> None:
        """No fault of accessibility, nothing wider than the window, no error in the console, under 100 kB."""
        self.check_width(page)
        assert len(page.content().encode()) < 100_000
        found = _run_axe(page)
        assert not found["violations"], _told(page.url, found["violations"])

    def check_width(self, page: Page) -> None:
        """Nothing is wider than the window, no error in the console."""
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0, f"{page.url} is {wide} pixels too wide"
        assert not self.faults, self.faults


def _run_axe(page: Page) -> dict[str, Any]:
    """Run axe in the isolated world of the tools: the page's own policy forbids foreign scripts."""
    tools = page.context.new_cdp_session(page)
    tools.send("Page.enable")
    frame = tools.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = tools.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})[
        "executionContextId"
    ]
    tools.send("Runtime.evaluate", {"expression": AXE.read_text(), "contextId": world})
    answer = tools.send(
        "Runtime.evaluate",
        {
            "expression": f"axe.run({{runOnly: {RULES}}})",
            "contextId": world,
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    tools.detach()
    return dict(answer["result"]["value"])


def _told(url: str, violations: list[dict[str, Any]]) -> str:
    lines = [
        f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary']}"
        for one in violations
    ]
    return "\n".join([url, *lines])


@pytest.fixture
def node(committed_pair: Pair, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """Two towns whose pages are really served."""
    monkeypatch.setattr(session, "_TOUCH_EVERY", session.IDLE)
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield Node(Desks(committed_pair), browser, f"http://127.0.0.1:{thread.port}")
    for context in browser.contexts:
        context.close()
    thread.terminate()


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    """A file on the clerk's computer."""
    path = tmp_path / "lettera di trasmissione.txt"
    path.write_text("Si trasmette quanto in oggetto.")
    return path
