/* "Insert a name…": a menu of merge fields, for an editor or beside a line. */

import { ask, element } from "./asking.js";
import { NAMES, written } from "./fields.js";

/** A field as people answer for it, or null. Brackets would end its fallback words. */
export async function askField(name, fallback = "") {
  const answer = await ask(
    `${NAMES[name]} of each reader`,
    [{ name: "fallback", label: `Words for people without it`, value: fallback, required: "", maxlength: 80 }],
    { keep: fallback ? "Keep" : "Insert" },
  );
  const words = answer?.fallback.replace(/[{}]/g, "").trim();
  return words ? { name, fallback: words } : null;
}

/** The menu; what is chosen and answered is handed on. */
export function nameMenu(insert) {
  const items = Object.entries(NAMES).map(([name, words]) => {
    const button = element("button", { type: "button", class: "item" }, words);
    button.addEventListener("click", async () => {
      menu.open = false;
      insert(await askField(name));
    });
    return element("li", {}, button);
  });
  const menu = element("details", { class: "menu" },
    element("summary", { class: "btn quiet small" }, "Insert a name…"),
    element("div", { class: "panel" }, element("ul", {}, ...items)),
  );
  return menu;
}

/** Beside a line of text the menu writes the field as it is stored. */
export function offerNames(input) {
  const insert = (field) => {
    input.focus();
    if (!field) return;
    input.setRangeText(written(field), input.selectionStart, input.selectionEnd, "end");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  if (!input.readOnly && !input.disabled) input.after(nameMenu(insert));
}
