/* The composer with script: blocks open in place, every change is saved by itself, and whatever is
   done to a block is one of the page's own forms, sent without leaving the page. */

import { busy, formOf, root, send, show } from "./composer/page.js";
import { forget, keepSaving, offerKept, saveNow, touches, unsaved } from "./composer/saving.js";
import { followPreview, point, renewChecks, renewPreview } from "./composer/preview.js";
import { dragBlocks } from "./composer/dragging.js";
import { listenToKeys } from "./composer/keys.js";
import { meetOthers } from "./composer/presence.js";
import { openPalette, usePalette } from "./composer/palette.js";

const page = root();

/** Show rich text of the open block as it will look. */
async function dress() {
  if (!document.querySelector("#blocks textarea[data-rich], #blocks input[data-merge]")) return;
  const { editRichText } = await import("./editor.js");
  editRichText(document.getElementById("blocks"));
}

let queue = Promise.resolve();
let wanted = 0; // how often somebody asked for something

/** Take a page of the server in place of what is here, once all that was typed is saved; one after
    the other. What is typed meanwhile stays, and a `quiet` renewal then waits for another time. */
export function go(url, options = {}) {
  if (!options.quiet) wanted += 1;
  const now = queue.then(() => take(url, options));
  queue = now.catch(() => undefined);
  return now;
}

const opened = (id) => {
  const url = new URL(window.location.pathname, window.location.href);
  if (id) url.search = `?open=${encodeURIComponent(id)}`;
  return url;
};

/* What is done beside an open block, such as sending a test, leaves it open. */
async function openAgain(fresh, id) {
  const there = fresh.getElementById(`b-${id}`);
  if (!there || fresh.querySelector("#blocks form[data-saves]")) return fresh;
  const again = await send(opened(id));
  if (!again) return fresh;
  again.getElementById("main").prepend(...fresh.querySelectorAll("#main > .note"));
  return again;
}

async function take(url, { body, quiet = false, focus = null }) {
  if (!(await saveNow())) return false;
  const before = [touches(), wanted];
  const was = busy();
  let fresh = await send(url, body, quiet);
  if (fresh && body && was) fresh = await openAgain(fresh, was);
  const typed = touches() !== before[0];
  if (!fresh || (quiet && (typed || wanted !== before[1]))) return false;
  show(fresh, { focus, keep: typed ? formOf()?.closest("li") : null });
  await dress();
  renewPreview();
  return true;
}

async function open(id, focus = true) {
  if (!(await go(opened(id)))) return;
  const form = formOf();
  if (form && focus) form.querySelector("input:not([type=hidden]), textarea, [role=textbox]")?.focus();
  point(id);
}

function follow(event) {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (link.dataset.open !== undefined) {
    event.preventDefault();
    open(link.dataset.open).then(() => {
      const field = link.hash && document.getElementById(link.hash.slice(1));
      if (field && field.matches("input, textarea, select")) field.focus();
    });
  } else if (link.dataset.add !== undefined) {
    event.preventDefault();
    openPalette(link.dataset.add, link);
  } else if (link.dataset.inPlace !== undefined) {
    event.preventDefault();
    go(new URL(link.href)).then(() => document.querySelector(".open select, .open input")?.focus());
  } else if (link.dataset.shows) {
    event.preventDefault();
    page.dataset.tab = link.dataset.shows;
    for (const each of page.querySelectorAll(".tabs a")) {
      each.toggleAttribute("aria-current", each === link);
      if (each === link) each.setAttribute("aria-current", "page");
    }
  }
}

async function submit(event) {
  const form = event.target;
  const button = event.submitter;
  if (form.id === "switches") return;
  event.preventDefault();
  if (form.dataset.saves !== undefined && button?.name !== "take") {
    await saveNow(true);
    return;
  }
  const data = new FormData(form, button);
  const action = button?.getAttribute("formaction") || form.action;
  const block = form.closest("[data-block]")?.dataset.block;
  const dialog = form.closest("dialog");
  if (form.classList.contains("conflict")) forget();
  const done = await go(action, {
    body: data,
    focus: button && block ? { block, value: button.value, name: button.name } : null,
  });
  if (done && dialog?.open) dialog.close();
  if (done && dialog) formOf()?.querySelector("input:not([type=hidden]), textarea")?.focus();
}

if (page) {
  page.classList.add("scripted");
  dress();
  page.addEventListener("click", follow);
  page.addEventListener("submit", submit);
  keepSaving({ saved: () => (renewPreview(), renewChecks()), renew: (id) => open(id, false) });
  followPreview((id) => busy() === id || open(id));
  usePalette();
  dragBlocks(go);
  listenToKeys({ open });
  meetOthers({ go, unsaved });
  offerKept(open);
}
