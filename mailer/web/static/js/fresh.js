/* Parts of a page that change by themselves: data-fresh="seconds" on an element with an id.

   The page itself is asked for again, and the element of the same id takes the place of the old
   one, unless somebody is busy in it. Without script such a page reloads by <meta refresh>. */

async function renew(element) {
  const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(element.id);
  if (!fresh || element.contains(document.activeElement)) return;
  if (fresh.outerHTML !== element.outerHTML) element.replaceWith(fresh);
}

/** Renew every such part in its rhythm while the page can be seen. */
export function keepFresh() {
  for (const { id, dataset } of document.querySelectorAll("[data-fresh][id]")) {
    const wait = Math.max(1, Number(dataset.fresh)) * 1000;
    const turn = async () => {
      const element = document.getElementById(id);
      if (!element?.dataset.fresh) return;
      if (!document.hidden) await renew(element).catch(() => undefined);
      window.setTimeout(turn, wait);
    };
    window.setTimeout(turn, wait);
  }
}
