/* Every change is saved by itself: shortly after typing, on leaving a field, and when the page is
   hidden. What is not saved yet lies in this browser, and is offered again by the next page. */

import { formOf, root, showSteps, signIn, status } from "./page.js";

const PAUSE = 800; // milliseconds after the last key
const LONGEST = 10000; // while somebody goes on typing
const RETRIES = [2000, 4000, 8000, 15000, 30000];

let dirty = false;
let touched = 0; // how often something was typed
let typedAt = 0; // of the first change that is not saved
let timer = 0;
let failures = 0;
let saving = Promise.resolve(true);
let after = { saved() {}, renew() {} };

const key = (block) => `circular ${root().dataset.me} ${root().dataset.issue} ${block}`;
const fields = (form) =>
  [...new FormData(form)].filter(([name, said]) => name !== "csrf_token" && typeof said === "string");

const known = new WeakMap(); // form -> what the server has of it
const now = (form) => JSON.stringify(fields(form));

function remember() {
  const form = formOf();
  if (form) known.set(form, now(form));
}

/** Whether something was typed that the server has not. */
export const unsaved = () => dirty;

/** A number that is another one as soon as something more was typed. */
export const touches = () => touched;

/** Forget what is kept here: it was sent another way. */
export function forget() {
  const form = formOf();
  if (form) window.localStorage.removeItem(key(form.dataset.saves));
  dirty = false;
}

function keepHere(form) {
  try {
    const kept = { at: new Date().toISOString(), fields: fields(form) };
    window.localStorage.setItem(key(form.dataset.saves), JSON.stringify(kept));
    return true;
  } catch {
    return false; // the browser keeps nothing, or is full
  }
}

/** Save the open block now; true when nothing is left to save. `loud` says so even then. */
export function saveNow(loud = false) {
  window.clearTimeout(timer);
  saving = saving.then(() => (dirty ? save() : true));
  return saving.then((done) => {
    if (done && loud) status("Saved. Everything is saved by itself, a moment after you type.");
    return done;
  });
}

async function save() {
  if (document.querySelector("#conflict[open]")) return false;
  const form = formOf();
  if (!form) {
    dirty = false;
    return true;
  }
  dirty = false;
  const sent = [...form.querySelectorAll("input[type=file]")].map((field) => [field, field.files[0]]);
  status("Saving…");
  let answer;
  try {
    answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
  } catch {
    return failed(form);
  }
  if (answer.redirected || answer.status === 401 || (answer.status === 400 && (await isSignedOut()))) {
    dirty = true;
    status("Not saved: you were signed out. Your words are kept on this computer.", true, signIn());
    return false;
  }
  if (answer.status >= 500 || answer.status === 429) return failed(form);
  return understood(form, answer.status, await answer.json().catch(() => ({})), sent);
}

const isSignedOut = async () => (await fetch(window.location.href)).redirected;

function understood(form, code, answer, sent) {
  failures = 0;
  if (code === 409 && answer.dialog) {
    dirty = true;
    const dialog = document.getElementById("conflict");
    dialog.innerHTML = answer.dialog;
    if (!dialog.open) dialog.showModal();
    status("Not saved: choose which text stays.", true);
    return false;
  }
  if (!answer.saved) {
    dirty = true;
    const why = (answer.problems ?? []).map((each) => each.message).join(" ");
    status(`Not saved. ${why || "The server refused it."} Your words are kept on this computer.`, true);
    return false;
  }
  form.elements.namedItem("revision").value = answer.revision;
  root().dataset.revision = answer.issue;
  for (const [field, file] of sent) if (field.files[0] === file) field.value = "";
  // What was typed meanwhile is sent next: without its address the picture would go again.
  const pictures = Object.entries(answer.pictures ?? {});
  for (const [name, address] of pictures) form.elements.namedItem(name).value = address;
  if (!dirty) remember();
  if (!dirty) window.localStorage.removeItem(key(form.dataset.saves));
  showSteps(answer.undo, answer.step);
  const name = form.closest(".block").querySelector("h3 a");
  if (answer.name && name) name.textContent = answer.name;
  const words = `Saved ${answer.saved}`;
  status(words);
  if (pictures.length && !dirty) {
    const typed = touched;
    after.renew(form.dataset.saves).then(() => touched === typed && status(words));
  }
  after.saved();
  return !dirty || save();
}

function failed(form) {
  dirty = true;
  const here = keepHere(form);
  failures += 1;
  const words = here ? " Your words are kept on this computer." : " Don’t close this page.";
  status(`Not saved. Trying again (${failures}).${words}`, true);
  timer = window.setTimeout(saveNow, RETRIES[Math.min(failures, RETRIES.length) - 1]);
  return false;
}

function count(field) {
  const place = field.closest(".field")?.querySelector("[data-of]");
  if (!place) return;
  const [long, of] = [field.value.length, Number(place.dataset.of)];
  place.textContent = `${long} of ${of}`;
  place.classList.toggle("over", long > of);
}

function changed(event) {
  const form = event.target.closest("form[data-saves]");
  if (!form || event.target.dataset.aside !== undefined) return;
  count(event.target);
  if (!dirty && event.target.type !== "file" && known.get(form) === now(form)) return;
  if (!dirty) typedAt = Date.now();
  touched += 1;
  dirty = true;
  keepHere(form);
  window.clearTimeout(timer);
  const left = Math.max(0, LONGEST - (Date.now() - typedAt));
  timer = window.setTimeout(saveNow, event.type === "change" ? 0 : Math.min(PAUSE, left));
}

/** Save what is typed into the open block, and call `saved` afterwards. */
export function keepSaving(calls) {
  after = calls;
  remember();
  document.addEventListener("composer:shown", remember);
  const page = root();
  page.addEventListener("input", changed);
  page.addEventListener("change", changed);
  page.addEventListener("focusout", () => dirty && saveNow());
  document.addEventListener("visibilitychange", () => document.hidden && dirty && saveNow());
  window.addEventListener("online", () => dirty && saveNow());
  window.addEventListener("beforeunload", (event) => {
    if (!dirty) return;
    const form = formOf();
    if (!form || !keepHere(form)) event.preventDefault();
  });
}

/** Offer what an earlier page could not save. `open` opens a block. */
export function offerKept(open) {
  const start = key("");
  const found = Object.keys(window.localStorage).find((each) => each.startsWith(start));
  if (!found) return;
  const block = found.slice(start.length);
  const kept = JSON.parse(window.localStorage.getItem(found));
  const note = Object.assign(document.createElement("div"), { className: "note wait" });
  const words = document.createElement("p");
  words.textContent = `We kept changes that weren’t saved on ${new Date(kept.at).toLocaleString("en-GB")}. `;
  const button = (said, act) => {
    const made = Object.assign(document.createElement("button"), { className: "btn small", textContent: said });
    made.addEventListener("click", async () => {
      note.remove();
      await act();
    });
    words.append(made, " ");
  };
  button("Put them back", async () => {
    await open(block);
    const form = formOf();
    if (form) put(form, kept.fields);
  });
  button("Throw them away", () => window.localStorage.removeItem(found));
  note.append(words);
  document.getElementById("notes").append(note);
}

function put(form, values) {
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = false;
  for (const [name, said] of values) {
    const found = form.elements.namedItem(name);
    const those = found instanceof RadioNodeList ? [...found] : [found];
    for (const field of those) {
      if (!field) continue;
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.value === said) field.checked = true;
      } else if (those.length === 1) {
        field.value = said;
        field.dispatchEvent(new Event("refresh"));
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }
  }
  saveNow();
}
