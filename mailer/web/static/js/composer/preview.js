/* The mail at the right: renewed after each save without a flash, shown as chosen, and in step with
   the blocks: choosing in one shows it in the other. */

const view = () => document.getElementById("view");
const frame = () => document.getElementById("preview");

let chosen = "";
let open = () => undefined;
let loading = null;

const inside = () => frame().contentDocument;

/** Show the place of a block in the mail. */
export function point(id) {
  chosen = id;
  mark();
  inside()?.getElementById(id)?.scrollIntoView({ block: "center" });
}

function mark() {
  const mail = inside();
  if (!mail) return;
  for (const each of mail.querySelectorAll("[data-on]")) {
    each.removeAttribute("data-on");
    each.style.boxShadow = "";
  }
  const cell = chosen && mail.getElementById(chosen);
  if (cell) {
    cell.dataset.on = "";
    cell.style.boxShadow = "inset 0 0 0 3px #0F5E7A";
  }
}

function listen(mail) {
  mail?.addEventListener("click", (event) => {
    let cell = event.target;
    while (cell && !document.getElementById(`b-${cell.id}`)) cell = cell.parentElement;
    if (!cell?.id) return;
    event.preventDefault();
    open(cell.id);
  });
}

function address() {
  const form = document.getElementById("switches");
  const url = new URL(frame().src);
  const values = new FormData(form);
  values.delete("open");
  values.delete("tab");
  url.search = new URLSearchParams([...values]).toString();
  return url;
}

let strip = 0;

/** Ask for the checks and the size anew, once nobody has typed for a moment. */
export function renewChecks() {
  window.clearTimeout(strip);
  strip = window.setTimeout(async () => {
    const old = document.getElementById("checks");
    if (!old) return;
    const answer = await fetch(old.dataset.renewed).catch(() => null);
    if (!answer?.ok || answer.redirected || old.contains(document.activeElement)) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    old.replaceWith(page.getElementById("checks"));
  }, 1200);
}

/** Ask for the mail as it is now; the old one stays until the new one is there. */
export function renewPreview() {
  loading?.remove();
  const next = frame().cloneNode();
  loading = next;
  next.removeAttribute("id");
  next.classList.add("loading");
  next.src = address();
  next.addEventListener("load", () => {
    if (loading !== next) return;
    const old = frame();
    const top = old.contentDocument?.scrollingElement?.scrollTop ?? 0;
    next.id = "preview";
    next.classList.remove("loading");
    old.remove();
    loading = null;
    if (inside()?.scrollingElement) inside().scrollingElement.scrollTop = top;
    listen(inside());
    mark();
  });
  view().append(next);
}

/** Follow the switches above the mail, and call `choose` with the block that is pressed in it. */
export function followPreview(choose) {
  open = choose;
  const form = document.getElementById("switches");
  form.addEventListener("change", () => {
    view().classList.toggle("phone", new FormData(form).get("width") === "phone");
    renewPreview();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    renewPreview();
  });
  frame().addEventListener("load", () => listen(inside()));
  listen(inside());
}
