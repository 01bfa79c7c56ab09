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
      place.querySelector?.("[data-focus]")?.focus();
      const words = place.querySelector?.("[data-announce]");
      if (words) { announce(words.dataset.announce); }
    });
  };

  // Enter in a box that searches as one types looks at once, and does not send the form around it.
  const onSearchBoxes = () => {
    document.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches?.("input[hx-get]") && window.htmx) {
        event.preventDefault();
        window.htmx.trigger(event.target, "look");
      }
    });
  };

  // WCAG 2.2.1: before the session ends the person is told and can go on by one click.
  const onIdle = () => {
    const { idleSeconds, keepAlive, signIn } = document.body.dataset;
    const dialog = document.getElementById("session-warning");
    if (!dialog || !keepAlive) { return; }
    const warnAfter = (Number(idleSeconds) - 120) * 1000;
    let timer = 0;
    let last = Date.now();
    const leave = () => { window.location.assign(signIn); };
    const warn = () => { dialog.showModal(); timer = window.setTimeout(leave, 120 * 1000); };
    const start = () => { window.clearTimeout(timer); timer = window.setTimeout(warn, warnAfter); };
    const touch = async () => {
      const answer = await fetch(keepAlive, { headers: { "HX-Request": "true" } });
      if (!answer.ok) { leave(); return; }
      last = Date.now();
      start();
    };
    dialog.querySelector("button").addEventListener("click", () => { dialog.close(); touch(); });
    document.addEventListener("input", () => { if (Date.now() - last > 5 * 60 * 1000) { last = Date.now(); touch(); } });
    document.addEventListener("htmx:afterRequest", start);
    start();
  };

  document.addEventListener("DOMContentLoaded", () => {
    onMenu();
    onFilteredSelects();
    onDoubleSubmit();
    onUploads();
    onSearchBoxes();
    onIdle();
    document.getElementById("error-summary")?.focus();
  });
})();
