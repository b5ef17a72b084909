/* Who else is here: the page says every few seconds in which block its person is, hears of the
   others, and takes up what they have changed while nothing is typed here. */

import { announce, busy, formOf, root, status } from "./page.js";

const BEAT = 15000; // milliseconds

/** Keep telling and hearing. `go` renews the page, `unsaved` says whether something is typed. */
export function meetOthers({ go, unsaved }) {
  const page = root();
  if (!page.dataset.presence) return;
  let known = "[]";
  const beat = async () => {
    if (document.hidden) return;
    const data = new FormData();
    data.set("block", busy());
    data.set("csrf_token", document.querySelector("#history [name=csrf_token]").value);
    const answer = await fetch(page.dataset.presence, { method: "POST", body: data });
    if (!answer.ok || answer.redirected) return;
    const said = await answer.json();
    if (said.taken_by) {
      if (await go(new URL(window.location.pathname, window.location.href))) {
        status(`${said.taken_by} took over this block. Your words are in Versions.`, true);
      }
      return;
    }
    if (said.asked_by) {
      const words = `${said.asked_by} asks for this block. Close it to hand it over.`;
      status(words);
      announce(words);
    }
    const others = JSON.stringify(said.here);
    const moved = String(said.issue) !== page.dataset.revision;
    if ((moved || others !== known) && !unsaved() && !inUse()) {
      await go(new URL(window.location.href), { quiet: true });
      if (others !== known && said.here.length) {
        announce(`${said.here.map((each) => each.name).join(", ")} is here too.`);
      }
      known = others;
    }
  };
  const turn = () => beat().catch(() => undefined);
  window.setInterval(turn, BEAT);
  let told = busy();
  document.addEventListener("composer:shown", () => {
    if (busy() === told) return;
    told = busy();
    turn();
  });
  turn();
}

const inUse = () =>
  formOf()?.contains(document.activeElement) || document.querySelector(".dragged, dialog[open], .menu[open]");
