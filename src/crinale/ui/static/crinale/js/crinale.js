/* Enhancements only: every page works when this file does not load. */
(() => {
  "use strict";

  const announce = (text) => {
    const place = document.getElementById("announcer");
    if (place) { place.textContent = ""; window.setTimeout(() => { place.textContent = text; }, 50); }
  };

  const onMenu = () => {
    const toggle = document.querySelector(".menu-toggle");
    toggle?.addEventListener("click", () => {
      toggle.setAttribute("aria-expanded", String(toggle.getAttribute("aria-expanded") !== "true"));
    });
  };

  // A long <select> gets a box that narrows its options; the select itself stays the field.
  const onFilteredSelects = () => {
    document.querySelectorAll("select[data-filter-label]").forEach((select) => {
      const options = [...select.querySelectorAll("option")];
      const label = document.createElement("label");
      const input = document.createElement("input");
      input.id = `${select.id}-filter`;
      input.type = "search";
      input.className = "plain-input mb-2";
      input.autocomplete = "off";
      label.htmlFor = input.id;
      label.className = "field-help mb-1";
      label.textContent = select.dataset.filterLabel;
      select.before(label, input);
      input.addEventListener("input", () => {
        const words = input.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
        const kept = options.filter((option) => {
          const text = option.textContent.toLocaleLowerCase();
          return !option.value || option.selected || words.every((word) => text.includes(word));
        });
        select.replaceChildren(...kept);
        const count = kept.filter((option) => option.value).length;
        if (words.length && count === 1) { select.value = kept.find((option) => option.value).value; }
        announce(select.dataset.filterCount.replace("{n}", String(count)));
      });
      input.addEventListener("keydown", (event) => {
        if (event.key === "Enter") { event.preventDefault(); select.focus(); }
      });
    });
  };

  // The server refuses a second registration by its token; here the second click is only made harmless to the eye.
  const onDoubleSubmit = () => {
    document.addEventListener("submit", (event) => {
      const form = event.target;
      if (!form.hasAttribute("data-once")) { return; }
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      const words = event.submitter?.dataset.busy;
      if (words) { event.submitter.querySelector("[data-words]").textContent = words; announce(words); }
    });
    window.addEventListener("pageshow", () => {
      document.querySelectorAll("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    });
  };

  const onUploads = () => {
    document.addEventListener("htmx:xhr:progress", (event) => {
      const box = document.querySelector(".upload-progress");
      if (!box || !event.detail.lengthComputable) { return; }
      const share = Math.round((100 * event.detail.loaded) / event.detail.total);
      box.hidden = share >= 100;
      box.querySelector("progress").value = share;
      box.querySelector("output").textContent = `${share} %`;
    });
    document.addEventListener("htmx:responseError", (event) => {
      const place = document.getElementById("request-failed");
      if (place) { place.hidden = false; announce(place.textContent.trim()); }
      if (event.detail.xhr.status === 403 || event.detail.xhr.status === 401) { window.location.reload(); }
    });
    document.addEventListener("htmx:afterSettle", (event) => {
      // After an outer swap the event still names the element that is gone; its successor has the same id.
      const place = document.getElementById(event.detail.target?.id) ?? event.target;
      // Whoever has gone on to another field meanwhile keeps it: what they type must not end in this one.
      const now = document.activeElement;
      if (!now || now === document.body || place.contains?.(now) || now === event.detail.requestConfig?.elt) {
        place.querySelector?.("[data-focus]")?.focus();
      }
      const words = place.querySelector?.("[data-announce]");
      if (words) { announce(words.dataset.announce); }
    });
  };

  // Enter in a box that searches as one types looks at once, and does not send the form around it;
  // except where the form itself knows what Enter means.
  const onSearchBoxes = () => {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches?.("input[hx-get]:not([data-enter])") && window.htmx) {
        event.preventDefault();
        window.htmx.trigger(event.target, "look");
      }
    });
  };

  // A list of things to do: J and K move, Enter opens; from nowhere Enter opens the first. Tab reaches all of it too.
  const onListKeys = () => {
    const links = [...document.querySelectorAll("[data-keys] .list-title a")];
    if (!links.length) { return; }
    document.querySelectorAll(".keys-help").forEach((help) => { help.hidden = false; });
    const steps = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    document.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.defaultPrevented) { return; }
      const at = links.indexOf(document.activeElement);
      const nowhere = [document.body, document.getElementById("main")].includes(document.activeElement);
      if (at < 0 && !nowhere) { return; }
      if (event.key === "Enter" && at < 0 && !event.repeat) { event.preventDefault(); links[0].click(); return; }
      const step = steps[event.key];
      if (!step || (at < 0 && event.key.startsWith("Arrow"))) { return; }
      event.preventDefault();
      links[Math.min(links.length - 1, Math.max(0, at + step))].focus();
    });
  };

  // A key still held from the page before must not register what nobody has seen yet.
  const onHeldKeys = () => {
    document.addEventListener("keydown", (event) => {
      if (event.repeat && event.target.matches?.("[data-no-repeat]")) { event.preventDefault(); }
    });
  };

  // What the pages of one browser know together; where nothing may be stored, each knows only its own.
  const shared = {
    read: (key) => { try { return Number(window.localStorage.getItem(key)) || 0; } catch { return 0; } },
    write: (key, value) => { try { window.localStorage.setItem(key, String(value)); } catch { /* its own is enough */ } },
  };

  // WCAG 2.2.1: before the session ends the person is told, and can go on by one click where that is possible.
  // Somebody who works in another tab is there: no tab leaves, and loses what was typed in it, before all are idle.
  const onSessionEnd = () => {
    const { idleSeconds, endsSeconds, keepAlive, signIn } = document.body.dataset;
    const warning = document.getElementById("session-warning");
    const end = document.getElementById("session-end");
    if (!warning || !end || !keepAlive) { return; }
    const [LAST, TOLD] = ["crinale-last-request", "crinale-told-of-end"];
    const leaveAfter = Number(idleSeconds) * 1000;
    const warnAfter = leaveAfter - 120 * 1000;
    const endsAt = Date.now() + Number(endsSeconds) * 1000;
    const endWarnedAt = endsAt - 600 * 1000;
    let timer = 0;
    let last = 0;
    let told = false;

    const isTold = () => told || Math.abs(shared.read(TOLD) - endsAt) < 600 * 1000;
    const idle = () => {
      const elsewhere = shared.read(LAST);
      const known = elsewhere < Date.now() + 60 * 1000; // what comes from the future says nothing
      return Date.now() - (known ? Math.max(last, elsewhere) : last);
    };
    const leave = (why) => {
      const address = new URL(signIn, window.location.href);
      address.searchParams.set("why", why);
      window.location.assign(address);
    };
    const show = (dialog, shown) => {
      if (shown && !dialog.open) { dialog.showModal(); }
      if (!shown && dialog.open) { dialog.close(); }
    };
    const look = () => {
      window.clearTimeout(timer);
      const now = Date.now();
      const unused = idle();
      if (now >= endsAt) { leave("long"); return; }
      if (unused >= leaveAfter) { leave("idle"); return; }
      show(warning, unused >= warnAfter);
      show(end, now >= endWarnedAt && !isTold());
      const waits = [endsAt - now, endWarnedAt - now, leaveAfter - unused, warnAfter - unused];
      timer = window.setTimeout(look, Math.min(...waits.filter((wait) => wait > 0)));
    };
    const used = () => { last = Date.now(); shared.write(LAST, last); look(); };
    const touch = async () => {
      const answer = await fetch(keepAlive, { headers: { "HX-Request": "true" } }).catch(() => null);
      if (answer?.ok) { used(); return; }
      if (answer?.status === 401 || answer?.status === 403) { leave("idle"); return; }
      look(); // the node does not answer: what was typed stays, and the question too
    };
    let asked = 0;
    warning.querySelector("button").addEventListener("click", () => { warning.close(); touch(); });
    warning.addEventListener("cancel", () => { touch(); });
    end.querySelector("button").addEventListener("click", () => { end.close(); });
    end.addEventListener("close", () => { told = true; shared.write(TOLD, endsAt); });
    document.addEventListener("input", () => {
      if (idle() > 5 * 60 * 1000 && Date.now() - asked > 60 * 1000) { asked = Date.now(); touch(); }
    });
    document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) { used(); } });
    window.addEventListener("storage", (event) => { if ([LAST, TOLD].includes(event.key)) { look(); } });
    window.addEventListener("pageshow", (event) => { if (event.persisted) { look(); } });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(); } });
    used();
  };

  document.addEventListener("DOMContentLoaded", () => {
    onMenu();
    onFilteredSelects();
    onDoubleSubmit();
    onUploads();
    onSearchBoxes();
    onListKeys();
    onHeldKeys();
    onSessionEnd();
    // Browsers look at "autofocus" when they next paint, which may be after the first key.
    // Whoever was quicker than htmx sent the form itself: the whole page came, and work goes on at the same place.
    (document.getElementById("error-summary") ?? document.querySelector("main [autofocus]")
      ?? document.querySelector("main [data-focus]"))?.focus();
  });
})();
