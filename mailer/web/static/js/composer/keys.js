/* Keys of the composer. Single letters work outside fields only, and can be turned off. */

import { busy, formOf } from "./page.js";
import { openPalette } from "./palette.js";
import { saveNow } from "./saving.js";

const OFF = "circular single keys off";
const typing = (target) => target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName);
const rows = () => [...document.querySelectorAll("#blocks [data-block]")];
const rowOf = (target) => target.closest?.("[data-block]") ?? document.getElementById(`b-${busy()}`);

function press(row, value) {
  row?.querySelector(`.acts button[name=to][value=${value}]`)?.click();
}

/** Listen for them. `go` asks for a page in place, `open` opens a block. */
export function listenToKeys({ open, announce }) {
  const single = {
    "/": (row) => openPalette(row?.dataset.block ?? rows().at(-2)?.dataset.block ?? ""),
    "[": (row) => step(row, -1),
    "]": (row) => step(row, 1),
    p: () => document.getElementById("preview").focus(),
    c: () => document.querySelector("#checks a")?.focus(),
    "?": () => announce(HELP),
  };
  const step = (row, by) => {
    const all = rows();
    const next = all[all.indexOf(row) + by] ?? (by > 0 ? all[0] : all.at(-1));
    next?.querySelector("h3 a")?.focus();
  };
  document.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    const row = rowOf(event.target);
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      press(row, event.key === "ArrowUp" ? "up" : "down");
    } else if (control && event.key === "s") {
      event.preventDefault();
      saveNow(true);
    } else if (control && event.key === "d" && row) {
      event.preventDefault();
      row.querySelector('.acts button[formaction$="/copy"]')?.click();
    } else if (control && event.key === "Enter") {
      event.preventDefault();
      document.querySelector(".cbar .primary")?.click();
    } else if (control && event.key.toLowerCase() === "z" && !typing(event.target)) {
      event.preventDefault();
      document.querySelectorAll("#history button")[event.shiftKey ? 1 : 0]?.click();
    } else if (event.key === "Escape" && formOf() && !document.querySelector("dialog[open], .menu[open]")) {
      const closed = busy();
      open("").then(() => document.querySelector(`#b-${CSS.escape(closed)} h3 a`)?.focus());
    } else if (!control && !event.altKey && !typing(event.target) && single[event.key]) {
      if (window.localStorage.getItem(OFF) || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      single[event.key](row);
    }
  }, true);
}

const HELP =
  "Slash adds a block. Alt and the arrows move it. Enter opens it, Escape closes it. Control D copies it. Control S saves now. Brackets go from block to block. P goes to the preview, C to the checks.";
