"use strict";
(() => {
  const root = document.documentElement;
  const byId = (id) => document.getElementById(id);
  root.classList.add("js");

  const korean = () => byId("show-ko").checked;
  const say = (ko, en) => (korean() ? ko : en);
  const other = () => (korean() ? "en" : "ko");

  const inline = new Set(["SPAN", "A", "MARK", "I", "STRONG", "BDI"]);
  /* What a reader sees of an element: its text without the language that is not shown. */
  const seen = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.lang === other()) return "";
    let out = "";
    for (const child of node.childNodes) out += seen(child);
    return inline.has(node.tagName) ? out : out + " ";
  };
  const tidy = (text) => text.replace(/\s+/g, " ").trim();

  const speak = () => {
    root.lang = korean() ? "ko" : "en";
    const find = byId("find");
    find.placeholder = korean() ? find.dataset.ko : find.dataset.en;
  };
  for (const id of ["show-ko", "show-en"]) {
    byId(id).addEventListener("change", () => { speak(); look(); });
  }

  /* Deep links: everything around a target unfolds; evidence without a row leads to its group. */
  /* What comes near the screen is laid out only then and moves what is below it: look again for some frames. */
  const bring = (at, frames) => {
    at.scrollIntoView({ block: "start" });
    if (frames > 0) requestAnimationFrame(() => bring(at, frames - 1));
  };
  const reveal = (id) => {
    const target = id === "" ? null : byId(id);
    if (target === null) return;
    for (let at = target; at !== null; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      if (at.hidden) at.hidden = false;
    }
    const summary = target.parentElement.tagName === "DETAILS" ? target.parentElement.firstElementChild : null;
    bring(summary ?? target, 8);
    if (summary !== null) summary.focus({ preventScroll: true, focusVisible: false });
  };
  const follow = () => {
    let id = location.hash.slice(1);
    try { id = decodeURIComponent(id); } catch { return; }
    reveal(id);
  };
  addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link !== null && link.hash === location.hash) follow();
  });

  /* Search over items, findings, steps and evidence. */
  const kinds = {
    item: ["항목", "item"], finding: ["위반", "finding"], step: ["사람 확인", "step"], evidence: ["증적", "evidence"],
  };
  let entries = null;
  const index = () => {
    entries ??= Array.from(document.querySelectorAll("[data-search]"), (element) => ({
      element, kind: element.dataset.search, text: element.textContent.toLowerCase(),
    }));
    return entries;
  };
  const target = (element) => element.id || element.querySelector(".body[id]")?.id || "";
  const name = (element) => tidy(seen(element.querySelector("summary, .says") ?? element)).slice(0, 200);
  const near = (element, word) => {
    const text = tidy(seen(element));
    const at = text.toLowerCase().indexOf(word);
    if (at < 0) return null;
    const line = document.createElement("span");
    line.className = "near";
    const mark = document.createElement("mark");
    mark.textContent = text.slice(at, at + word.length);
    line.append(at > 50 ? "…" : "", text.slice(Math.max(0, at - 50), at), mark, text.slice(at + word.length, at + word.length + 90));
    return line;
  };
  const hit = (entry, word) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = "#" + target(entry.element);
    const kind = document.createElement("span");
    kind.className = "kind";
    kind.textContent = say(...kinds[entry.kind]);
    link.append(kind, name(entry.element));
    const line = near(entry.element, word);
    if (line !== null) link.append(line);
    item.append(link);
    return item;
  };
  const most = 60;
  function look() {
    const word = tidy(byId("find").value).toLowerCase();
    const found = byId("hits").parentElement;
    found.hidden = word === "";
    if (word === "") return byId("hits").replaceChildren();
    const all = index().filter((entry) => entry.text.includes(word));
    byId("hits").replaceChildren(...all.slice(0, most).map((entry) => hit(entry, word)));
    const counts = Object.entries(kinds)
      .map(([kind, words]) => [all.filter((entry) => entry.kind === kind).length, say(...words)])
      .filter(([count]) => count > 0).map(([count, words]) => `${words} ${count}`).join(" · ");
    byId("hit-count").textContent = all.length === 0 ? say("찾은 것이 없습니다", "Nothing found")
      : counts + (all.length > most ? say(` — 처음 ${most}건`, ` — first ${most}`) : "");
  }
  let waiting = 0;
  byId("find").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(look, 120); });
  byId("hits").addEventListener("click", (event) => {
    if (event.target.closest("a") !== null) byId("hits").parentElement.hidden = true;
  });

  /* Filter by verdict: the table of items, their details and the steps. */
  const pressed = () => Array.from(document.querySelectorAll("#filters [aria-pressed=true]"), (one) => one.dataset.verdict);
  const filter = () => {
    const wanted = pressed();
    let shown = 0, all = 0;
    for (const one of document.querySelectorAll("tr[data-verdict], details[data-verdict]")) {
      one.hidden = wanted.length > 0 && !wanted.includes(one.dataset.verdict);
      if (!one.matches("#items tr")) continue;
      ++all;
      if (!one.hidden) ++shown;
    }
    byId("filter-count").textContent = wanted.length === 0 ? "" : say(`항목 ${all}개 가운데 ${shown}개`, `${shown} of ${all} items`);
  };
  byId("filters").addEventListener("click", (event) => {
    const button = event.target.closest("[aria-pressed]");
    if (button === null) return;
    button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true"));
    filter();
  });
  const fold = (open) => {
    for (const one of document.querySelectorAll("details.item, details.step")) one.open = open;
  };
  byId("unfold").addEventListener("click", () => fold(true));
  byId("fold").addEventListener("click", () => fold(false));

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input:not([type=radio]), textarea") !== null;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      byId("find").focus();
      byId("find").select();
    } else if (event.key === "Escape" && event.target === byId("find")) {
      byId("find").value = "";
      look();
    } else if (event.key === "ArrowDown" && event.target === byId("find")) {
      byId("hits").querySelector("a")?.focus();
    } else if (event.key === "Enter" && event.target === byId("find")) {
      look();
      byId("hits").querySelector("a")?.click();
    }
  });

  /* Older browsers print only what is open. */
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = Array.from(document.querySelectorAll("details.item:not([open]), details.step:not([open])"));
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of opened) one.open = false; });

  speak();
  follow();
})();
