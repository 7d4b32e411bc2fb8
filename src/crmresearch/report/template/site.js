"use strict";
/* Search and filter of the reports that stand in the page. Nothing is loaded or sent; what the
   reader asked for stands in the address behind "#", so that it can be linked to and gone back to. */
document.documentElement.classList.add("scripted");
document.addEventListener("DOMContentLoaded", () => {
  const FEW = 100; // reports that are shown at once; of more the reader opens the groups
  const form = document.querySelector("form.search");
  const reset = form.querySelector("button");
  const filters = form.querySelector("details");
  const said = document.getElementById("found");
  const hint = said.textContent;
  const names = ["q", "study", "claim", "verdict"];
  const all = document.querySelectorAll(".listing > li").length;
  const plain = text => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const number = value => value.toLocaleString("en");
  const reports = value => number(value) + (value === 1 ? " report" : " reports");
  let tree = null;

  /* The groups with the words that a reader may search each line by: its own and its groups'. */
  const read = (element, above) => {
    const children = [...element.children];
    const heads = children.filter(child => child.matches("h2, summary, .facts"));
    const words = [above, ...heads.map(head => {
      const copy = head.cloneNode(true);
      copy.querySelector(".count")?.remove();
      return copy.textContent;
    })].join(" ");
    const lines = children.filter(child => child.matches(".listing")).flatMap(list => [...list.children]);
    return {
      element,
      count: heads.map(head => head.querySelector(".count")).find(Boolean),
      open: element.open,
      rows: lines.map(row => ({
        row,
        text: plain([words, row.firstElementChild.textContent, row.querySelector("p")?.textContent].join(" ")),
      })),
      groups: children.filter(child => child.matches("details.group")).map(group => read(group, words)),
    };
  };
  const start = () => {
    tree ??= [...document.querySelectorAll("section.study")].map(section => ({
      ...read(section, ""), study: section.dataset.study,
    }));
  };

  const size = group => group.size ??=
    group.rows.length + group.groups.reduce((sum, part) => sum + size(part), 0);

  /* Hides what does not fit and says of each group how many do; gives how many that are. */
  const mark = (group, fits) => {
    let hits = 0;
    for (const item of group.rows) {
      const hit = fits(item);
      if (item.row.hidden === hit) item.row.hidden = !hit;
      hits += hit;
    }
    for (const part of group.groups) hits += mark(part, fits);
    group.hits = hits;
    group.element.hidden = hits === 0 && size(group) > 0; // comparisons may stand alone
    if (group.count) {
      group.count.textContent = hits === size(group) ? reports(hits) : `${number(hits)} of ${reports(size(group))}`;
    }
    return hits;
  };
  /* Opens the groups in which few are left, or folds them as they were; whether any hit is folded. */
  const unfold = (group, few) => {
    if ("open" in group.element) group.element.open = few ? group.hits > 0 : group.open;
    const folded = group.groups.map(part => unfold(part, few)).some(Boolean);
    return folded || (group.hits > 0 && group.element.open === false);
  };

  const asked = () => Object.fromEntries(names.map(name => [name, form.elements[name].value]));
  const apply = () => {
    start();
    const { q, study, claim, verdict } = asked();
    const words = plain(q).split(/\s+/).filter(Boolean);
    const limit = claim ? claim.slice(0, claim.indexOf("/")) : study;
    const option = form.elements.claim.selectedOptions[0];
    const place = claim ? [...option.parentElement.children].indexOf(option) : -1;
    const rules = ({ row, text }) => {
      const found = row.dataset.v;
      if (place >= 0 ? (verdict ? found[place] !== verdict : "-u".includes(found[place] ?? "-")) :
        verdict && !found.includes(verdict)) return false;
      return words.every(word => text.includes(word));
    };
    let hits = 0;
    for (const group of tree) {
      const inside = (!limit || group.study === limit) && (!study || group.study === study);
      hits += mark(group, inside ? rules : () => false);
    }
    const any = Boolean(words.length || study || claim || verdict);
    const few = any && hits <= FEW;
    const folded = tree.map(group => unfold(group, few)).some(Boolean);
    if (study || claim || verdict) filters.open = true;
    reset.hidden = !any;
    said.textContent = !any ? hint : hits === 0 ? "No report fits." :
      `${number(hits)} of ${reports(all)} ${hits === 1 ? "fits" : "fit"}.` +
      (folded ? " Open a group to see them." : "");
  };

  const fromAddress = () => {
    const given = new URLSearchParams(location.hash.slice(1));
    for (const name of names) {
      const field = form.elements[name];
      field.value = given.get(name) ?? "";
      if (field.selectedIndex === -1) field.value = "";
    }
    if (names.some(name => form.elements[name].value) || tree) apply();
  };
  const toAddress = () => {
    const given = String(new URLSearchParams(Object.entries(asked()).filter(([, value]) => value)));
    history.replaceState(null, "", given ? "#" + given : location.pathname + location.search);
  };

  let waiting = 0;
  const changed = () => { apply(); toAddress(); };
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, 120);
  });
  form.addEventListener("submit", event => {
    event.preventDefault();
    clearTimeout(waiting);
    changed();
  });
  form.addEventListener("reset", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { changed(); form.elements.q.focus(); });
  });
  form.addEventListener("focusin", start, { once: true });
  window.addEventListener("hashchange", fromAddress);
  window.addEventListener("pageshow", fromAddress);

  /* A number in the tables of verdicts leads to the reports that it counts. */
  for (const table of document.querySelectorAll("table.tally")) {
    const marks = [...form.elements.verdict.options].map(option => option.value).filter(Boolean);
    for (const row of table.tBodies[0].rows) {
      row.querySelectorAll("td.number").forEach((cell, place) => {
        if (cell.textContent === "0") return;
        const link = document.createElement("a");
        const claim = `${table.dataset.study}/${row.dataset.claim}`;
        link.href = "#" + new URLSearchParams({ claim, verdict: marks[place] });
        link.textContent = cell.textContent;
        link.addEventListener("click", () => form.elements.q.focus());
        cell.replaceChildren(link);
      });
    }
  }
});
