/* A small question in a dialog. Escape and "Cancel" answer nothing; focus goes back by itself. The
   answer is there at once: the dialog's "close" comes later, and what is typed until then would go
   to wherever the focus was before. */

function element(tag, attributes, ...within) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...within);
  return made;
}

/** Ask for a few words: fields are {name, label, value}; buttons beside "Cancel" are {value: words}.
    The answer has the fields' values and ``press``, the button's value; null is no answer. */
export function ask(title, fields, buttons) {
  const inputs = fields.map(({ name, label, value, ...more }) =>
    element("div", { class: "field" },
      element("label", { for: `ask-${name}` }, label),
      element("input", { class: "input", id: `ask-${name}`, name, value, ...more }),
    ),
  );
  const presses = Object.entries(buttons).map(([value, words], index) =>
    element("button", { class: index ? "btn" : "btn primary", value, ...(index ? { formnovalidate: "" } : {}) }, words),
  );
  const cancel = element("button", { class: "btn quiet", value: "", formnovalidate: "" }, "Cancel");
  const form = element("form", { method: "dialog", class: "in stack" },
    element("h2", { id: "ask-title" }, title),
    ...inputs,
    element("div", { class: "row" }, ...presses, cancel),
  );
  const dialog = element("dialog", { class: "ask", "aria-labelledby": "ask-title" }, form);
  document.body.append(dialog);
  dialog.showModal();
  form.elements[0].select?.();
  return new Promise((resolve) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const press = event.submitter.value;
      dialog.close();
      resolve(press ? { press, ...Object.fromEntries(new FormData(form)) } : null);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null); // Escape; or said already
    });
  });
}

export { element };
