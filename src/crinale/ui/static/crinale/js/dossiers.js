/* Rows of a dossier go to another one: dragged onto the tree, or by the form of the row. The form alone works
   without this file; here it moves the row in place and says so. */
(() => {
  "use strict";

  const TYPE = "application/x-crinale-row";
  const status = document.getElementById("move-status");
  const announcer = document.getElementById("announcer");
  let dragged = null;

  const announce = (text) => {
    announcer.textContent = "";
    window.setTimeout(() => { announcer.textContent = text; }, 50);
  };

  const fail = (text) => {
    status.textContent = text;
    status.hidden = false;
  };

  const count = (place, by) => {
    const mark = place?.querySelector("[data-count]");
    if (mark) { mark.textContent = String(Number(mark.textContent) + by); }
  };

  // The focus goes to the row that takes the place of the one that left, else to the title of the list.
  const leave = (row) => {
    const next = row.nextElementSibling ?? row.previousElementSibling;
    const title = document.getElementById("contents-title");
    row.remove();
    const target = next?.querySelector("summary") ?? title;
    if (target === title) { title.tabIndex = -1; }
    target.focus();
  };

  const move = async (form, target) => {
    const row = form.closest("[data-row]");
    if (row.dataset.moving) { return; }
    row.dataset.moving = "yes";
    status.hidden = true;
    const data = new FormData(form);
    data.set("target", target);
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, headers: { Accept: "application/json" } });
      const { said } = await answer.json();
      if (!answer.ok) { fail(said); return; }
      count(document.querySelector(`[data-place="${CSS.escape(target)}"]`), 1);
      count(document.querySelector(".tree [aria-current]")?.closest("li"), -1);
      leave(row);
      announce(said);
    } catch {
      fail(status.dataset.failed);
    } finally {
      delete row.dataset.moving;
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-move-form]")) { return; }
    event.preventDefault();
    move(form, form.elements.namedItem("target").value);
  });

  // Escape closes the menu of a row and gives the focus back to its button.
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" ? event.target.closest?.("details.move-menu[open]") : null;
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  const rows = document.querySelectorAll("li.movable");
  const places = document.querySelectorAll("[data-place]");
  rows.forEach((row) => {
    if (!row.querySelector("[data-move-form]")) { return; }
    row.draggable = true;
    row.addEventListener("dragstart", (event) => {
      dragged = row;
      event.dataTransfer.setData(TYPE, row.dataset.row);
      event.dataTransfer.effectAllowed = "move";
      document.body.classList.add("dragging-row");
    });
    row.addEventListener("dragend", () => {
      dragged = null;
      document.body.classList.remove("dragging-row");
    });
  });
  places.forEach((place) => {
    place.addEventListener("dragover", (event) => {
      if (!dragged) { return; }
      event.preventDefault();
      event.dataTransfer.dropEffect = "move";
      place.classList.add("drop-here");
    });
    place.addEventListener("dragleave", () => place.classList.remove("drop-here"));
    place.addEventListener("drop", (event) => {
      place.classList.remove("drop-here");
      if (!dragged) { return; }
      event.preventDefault();
      move(dragged.querySelector("[data-move-form]"), place.dataset.place);
    });
  });
  const help = document.querySelector("[data-drag-help]");
  if (help && rows.length && places.length) { help.hidden = false; }
})();
