// Theme, keyboard, and what pages need beside htmx.
"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);

  // Theme: the switch turns what is shown now.
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
  byId("theme")?.addEventListener("click", () => {
    root.dataset.theme = dark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    document.dispatchEvent(new Event("themechange"));
  });

  const help = () => byId("keys").showModal();
  byId("help")?.addEventListener("click", help);

  // Lists: j and k move, Enter opens, x chooses.
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  const current = () => document.querySelector("[data-row].current");
  const move = (by) => {
    const all = rows();
    if (all.length === 0) return;
    const at = all.indexOf(current());
    const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    current()?.classList.remove("current");
    next.classList.add("current");
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
  const open = () => current()?.querySelector("a[href], summary")?.click();
  const choose = () => {
    const box = current()?.querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
  };
  const places = { n: "/", d: "/dead", j: "/jobs", h: "/hits", q: "/queues", r: "/reports", a: "/alerts", i: "/integration", s: "/setup", y: "/history" };
  let going = 0;
  const keys = { "/": () => byId("q")?.focus(), j: () => move(1), k: () => move(-1), x: choose, "?": help, g: () => { going = Date.now(); } };
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=checkbox]), select, textarea");
    if (event.key === "Escape" && typing) typing.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || typing || byId("keys").open) return;
    if (event.key === "Enter") {
      if (event.target === current()) open();
      return;
    }
    const link = Date.now() - going < 1000 && document.querySelector(`nav a[href^="${places[event.key]}"]`);
    going = 0;
    if (link) {
      link.click();
    } else if (keys[event.key]) {
      event.preventDefault();
      keys[event.key]();
    }
  });

  byId("all")?.addEventListener("change", (event) => {
    document.querySelectorAll("#letters input[name=receipt]").forEach((box) => { box.checked = event.target.checked; });
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1200);
  });

  // On a phone the head of a column stands beside each value: see the stylesheet.
  const nameCells = () => document.querySelectorAll(".wide table").forEach((table) => {
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
    for (const body of table.tBodies) {
      for (const row of body.rows) [...row.cells].forEach((cell, at) => { cell.dataset.head = heads[at] ?? ""; });
    }
  });
  nameCells();

  // A page that nobody sees asks for nothing, and what is shown anew stays as it was opened.
  let opened = new Set(), row = -1;
  document.addEventListener("htmx:beforeRequest", (event) => { if (document.hidden) event.preventDefault(); });
  for (const failed of ["htmx:responseError", "htmx:sendError"]) {
    document.addEventListener(failed, (event) => {
      const waits = event.target.querySelector("[data-failed]");
      if (waits) waits.textContent = waits.dataset.failed;
    });
  }
  // A part that does not come leaves what is shown, which is old then.
  let came = new Date();
  const old = byId("old");
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) came = new Date();
    else old.textContent = `This page could not be read anew since ${came.toISOString().slice(11, 19)} UTC: the console, the database or the broker does not answer. It is tried again.`;
    old.hidden = event.detail.successful;
  });
  document.addEventListener("htmx:beforeSwap", () => {
    opened = new Set([...document.querySelectorAll("details[open][id]")].map((one) => one.id));
    row = rows().indexOf(current());
  });
  document.addEventListener("htmx:afterSwap", () => {
    opened.forEach((id) => { const one = byId(id); if (one) one.open = true; });
    if (row >= 0) rows()[row]?.classList.add("current");
    nameCells();
  });
})();
