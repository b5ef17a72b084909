/* The dates of a schedule, as its form stands: they follow what is chosen. Without script a button
   shows them; nothing is kept by either. */

const PAUSE = 400; // milliseconds after the last change

async function show(form) {
  const answer = await fetch(form.dataset.dates, { method: "POST", body: new FormData(form) });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("dates-card");
  if (fresh) document.getElementById("dates-card").replaceWith(fresh);
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
