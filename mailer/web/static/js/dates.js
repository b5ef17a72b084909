/* The dates of a schedule, as its form stands: they follow what is chosen. Without script a button
   shows them; nothing is kept by either. */

const PAUSE = 400; // milliseconds after the last change

let asking = null;

async function show(form) {
  asking?.abort(); // an answer to what stood there before would say the wrong days
  asking = new AbortController();
  const answer = await fetch(form.dataset.dates, {
    method: "POST",
    body: new FormData(form),
    signal: asking.signal,
  });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("coming");
  if (fresh) document.getElementById("coming").replaceChildren(...fresh.childNodes);
}

/** Show the dates anew whenever the form of a schedule changes. */
export function followDates() {
  const form = document.querySelector("form[data-dates]");
  if (!form) return;
  let waiting = 0;
  const later = () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(() => show(form).catch(() => undefined), PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
}
