/* Parts of a page that change by themselves: data-fresh="seconds" on an element with an id.

   The page itself is asked for again, once for all its parts, and each element takes the place of
   the old one of its id, unless somebody is busy in it. Without script such a page reloads by
   <meta refresh>. */

const parts = () => [...document.querySelectorAll("[data-fresh][id]")];

async function renew() {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.title = page.title;
  for (const element of parts()) {
    const fresh = page.getElementById(element.id);
    if (!fresh || element.contains(document.activeElement)) continue;
    if (fresh.outerHTML !== element.outerHTML) element.replaceWith(fresh);
  }
}

/** Renew every such part while the page can be seen, in the rhythm of the quickest. */
export function keepFresh() {
  const turn = async () => {
    if (!document.hidden) await renew().catch(() => undefined);
    wait();
  };
  const wait = () => {
    const seconds = parts().map((element) => Math.max(1, Number(element.dataset.fresh)));
    if (seconds.length) window.setTimeout(turn, Math.min(...seconds) * 1000);
  };
  wait();
}
