/* The page of the composer: asking the server, and putting what it answers in place. */

const PARTS = ["history", "notes", "here", "checks", "peek", "saved"];

export const root = () => document.getElementById("composer");

/** The form of the block that is open, if any. */
export const formOf = () => document.querySelector("#blocks form[data-saves]");

/** The id of the open block. */
export const busy = () => formOf()?.dataset.saves ?? "";

export function announce(words) {
  document.getElementById("announce").textContent = words;
}

/** Say in the bar how saving stands. */
export function status(words, bad = false, link = null) {
  const place = document.getElementById("saved");
  place.textContent = words;
  place.classList.toggle("bad", bad);
  if (link) {
    place.append(" ", Object.assign(document.createElement("a"), link));
  }
}

/** Show how many steps can be undone, and what the last was. */
export function showSteps(number, words) {
  const button = document.querySelector("#history .undo");
  button.disabled = number === 0;
  button.title = number ? `Undo: ${words}` : "Nothing to undo";
  button.querySelector(".steps").textContent = number ? `(${number})` : "";
}

/** Ask for a page of the composer, or post a form to it; null, with the reason said, where that did
    not work. */
export async function send(url, body, quiet = false) {
  let answer;
  try {
    answer = await fetch(url, { method: body ? "POST" : "GET", body, headers: { Accept: "text/html" } });
  } catch {
    status("The server can’t be reached. Try again in a moment.", true);
    return null;
  }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (page.getElementById("composer")) {
    const url = new URL(answer.url);
    if (answer.ok && !quiet && (!body || answer.redirected)) window.history.replaceState(null, "", url.pathname + url.search);
    return page;
  }
  if (answer.redirected && !page.getElementById("composer")) {
    status("You were signed out.", true, signIn());
  } else {
    status(page.querySelector("main .lead, main p")?.textContent.trim() || "That did not work.", true);
  }
  return null;
}

export const signIn = () => ({ href: window.location.href, textContent: "Sign in again" });

const focusable = (id, value) =>
  document.querySelector(`#b-${CSS.escape(id)} button[value="${value}"].move, #b-${CSS.escape(id)} h3 a`);

/** Put the parts of another page of the composer in place of those here. */
export function show(fresh, { focus = null, keep = null } = {}) {
  const active = document.activeElement;
  if (keep) fresh.getElementById(keep.id)?.replaceWith(keep);
  for (const id of PARTS) {
    const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
    if (old && next) old.replaceWith(document.adoptNode(next));
  }
  root().dataset.revision = fresh.getElementById("composer").dataset.revision;
  const palette = document.querySelector("#palette form");
  const kinds = fresh.querySelector("#palette .palette");
  if (palette && kinds) palette.querySelector(".palette").replaceWith(document.adoptNode(kinds));
  const library = fresh.getElementById("library");
  if (library?.children.length) document.getElementById("library").replaceWith(library);
  document.getElementById("blocks").replaceWith(document.adoptNode(fresh.getElementById("blocks")));
  if (keep?.contains(active)) active.focus();
  document.querySelectorAll("#main > .note").forEach((old) => old.remove());
  const said = [...fresh.querySelectorAll("#main > .note")];
  said.forEach((note) => toast(document.adoptNode(note)));
  document.dispatchEvent(new CustomEvent("composer:shown"));
  if (focus) {
    focusable(focus.block, focus.value)?.focus();
    const row = document.getElementById(`b-${focus.block}`);
    if (row) announce(`${row.querySelector("h3").innerText}, now ${place(row)}`);
  }
}

const place = (row) => {
  const rows = [...document.querySelectorAll("#blocks [data-block]")];
  return `${rows.indexOf(row) + 1} of ${rows.length}`;
};

/* What was done, for twenty seconds, or for as long as somebody is in it. */
function toast(note) {
  const main = document.getElementById("main");
  note.classList.add("toast");
  if (note.dataset.undo !== undefined) {
    const button = Object.assign(document.createElement("button"), { className: "btn small", textContent: "Undo" });
    button.addEventListener("click", () => document.querySelector("#history .undo").click());
    note.append(button);
  }
  main.append(note);
  const leave = () => (note.matches(":hover, :focus-within") ? wait() : note.remove());
  const wait = () => window.setTimeout(leave, 20000);
  wait();
}
