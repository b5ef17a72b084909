/* Rows that are ticked: how many they are, and a box for all of the page. */

/** Count the ticks of each form that has a place for their number, and offer to tick all. */
export function countTicks() {
  for (const place of document.querySelectorAll("[data-chosen]")) {
    const form = place.closest("form");
    const boxes = [...form.querySelectorAll("tbody .check")];
    const words = place.textContent;
    const all = document.createElement("input");
    Object.assign(all, { type: "checkbox", className: "check", ariaLabel: "Choose all on this page" });
    form.querySelector("thead .tick")?.replaceChildren(all);
    const tell = () => {
      const number = boxes.filter((box) => box.checked).length;
      place.textContent = number ? `${number} chosen` : words;
      all.checked = number === boxes.length;
      all.indeterminate = number > 0 && number < boxes.length;
    };
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      tell();
    });
    form.addEventListener("change", tell);
    tell();
  }
}
