/* Merge fields: {{first_name|friend}} in text, as mailer/authoring/text/merging.py reads them. */

export const NAMES = {
  first_name: "First name",
  last_name: "Last name",
  name: "Name",
  organisation: "Organisation",
  category: "Category",
};

/** How a field is stored. Fallback words hold no brackets, which would end it. */
export const written = ({ name, fallback }) => `{{${name}|${fallback}}}`;

function read(inside) {
  const bar = inside.indexOf("|");
  const name = inside.slice(0, bar < 0 ? undefined : bar).trim();
  const fallback = bar < 0 ? "" : inside.slice(bar + 1).trim();
  return Object.hasOwn(NAMES, name) && fallback ? { name, fallback } : null;
}

/** The text cut at its fields; one that cannot be used stays words. */
export function pieces(text) {
  const found = [];
  let from = 0;
  for (let open = text.indexOf("{{"); open >= 0; open = text.indexOf("{{", open)) {
    const close = text.indexOf("}}", open + 2);
    const inside = text.slice(open + 2, close);
    if (close < 0 || /\{\{|\n/.test(inside)) {
      open += 2;
      continue;
    }
    const field = read(inside);
    if (field) {
      found.push(text.slice(from, open), field);
      from = close + 2;
    }
    open = close + 2;
  }
  return [...found, text.slice(from)].filter((piece) => piece !== "");
}

/** A field as one thing among words, which is deleted and passed as a whole. It is a b because that
    is what Chromium inserts as it is. */
export function chip({ name, fallback }) {
  const made = document.createElement("b");
  made.className = "field-chip";
  made.contentEditable = "false";
  Object.assign(made.dataset, { name, fallback });
  made.textContent = `${NAMES[name]}, or: ${fallback}`;
  return made;
}
