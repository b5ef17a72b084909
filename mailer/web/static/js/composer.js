/* The composer with script: blocks open in place, every change is saved by itself, and whatever is
   done to a block is one of the page's own forms, sent without leaving the page. */

import { busy, formOf, root, send, show } from "./composer/page.js";
import { forget, keepSaving, offerKept, saveNow, unsaved } from "./composer/saving.js";
import { followPreview, point, renewPreview } from "./composer/preview.js";
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

/** Take a page of the server in place of what is here, once all that was typed is saved. */
export async function go(url, { body, ...options } = {}) {
  if (!(await saveNow())) return false;
  const fresh = await send(url, body);
  if (!fresh) return false;
  show(fresh, options);
  await dress();
  renewPreview();
  return true;
}

async function open(id, focus = true) {
  const url = new URL(window.location.href.split("#")[0]);
  url.search = id ? `?open=${encodeURIComponent(id)}` : "";
  if (!(await go(url))) return;
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
  if (form.dataset.saves !== undefined) {
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
  keepSaving({ saved: renewPreview, renew: (id) => open(id, false) });
  followPreview((id) => busy() === id || open(id));
  usePalette();
  dragBlocks(go);
  listenToKeys({ open });
  meetOthers({ go, unsaved });
  offerKept(open);
}
