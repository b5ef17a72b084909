/* A textarea of rich text, shown as it will look. The textarea stays what the form sends: each
   change is written into it, as Markdown-lite, and it tells of an "input". A "refresh" sent to the
   textarea shows anew what was put into it. Undo is the browser's own, so changes go by its
   commands; whatever markup those leave, only what richtext.js knows is written. */

import { ask, element } from "./asking.js";
import { chip, pieces } from "./fields.js";
import { askField, nameMenu, offerNames } from "./merging.js";
import { cleaned } from "./paste.js";
import { toMarkdown, toNodes } from "./richtext.js";

const ICONS = new URL("../icons.svg", import.meta.url).pathname;
const TOOLS = [
  ["bold", "Bold", "bold", "strong, b", "Control+B"],
  ["italic", "Italic", "italic", "em, i", "Control+I"],
  ["heading", "Small heading", "heading", "h3"],
  ["link", "Link", "link", "a", "Control+K"],
  ["list", "List", "insertUnorderedList", "ul"],
  ["numbers", "Numbered list", "insertOrderedList", "ol"],
];

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${ICONS}#i-${name}`);
  svg.append(use);
  return svg;
}

const run = (command, value) => document.execCommand(command, false, value);

// The browser would put what can't be edited into a paragraph of its own: that is said afterwards.
const markup = (...nodes) =>
  element("div", {}, ...nodes).innerHTML.replaceAll(' contenteditable="false"', "");

class Editor {
  constructor(area, nodes) {
    this.area = area;
    this.fixed = area.readOnly || area.disabled;
    const label = area.labels[0];
    if (label) label.id ||= `${area.id}-label`;
    const plain = area.closest(".field")?.querySelectorAll("[data-plain]") ?? [];
    for (const each of plain) each.hidden = true; // says how to write it by hand
    const told = area.getAttribute("aria-describedby")?.split(" ") ?? [];
    const seen = told.filter((id) => !document.getElementById(id)?.hidden);
    this.count = element("span", { class: "count", id: `${area.id}-count` });
    this.status = element("p", { class: "hint", role: "status" });
    this.box = element("div", {
      role: "textbox",
      "aria-multiline": "true",
      "aria-labelledby": label?.id ?? "",
      "aria-describedby": [...seen, this.count.id].join(" "),
      "aria-invalid": area.getAttribute("aria-invalid") ?? "false",
      "aria-readonly": this.fixed,
      contenteditable: !this.fixed,
      spellcheck: "true",
      lang: area.lang || document.documentElement.lang,
      tabindex: 0,
    });
    this.tools = this.toolbar();
    this.tools.hidden = this.fixed;
    area.before(element("div", { class: "editor" }, this.tools, this.box, this.status));
    area.classList.replace("area", "vh") || area.classList.add("vh");
    area.tabIndex = -1;
    area.setAttribute("aria-hidden", "true");
    area.addEventListener("focus", () => this.box.focus()); // its label, or a link of a summary
    area.addEventListener("refresh", () => this.show(toNodes(area.value)));
    this.listen();
    this.show(nodes);
  }

  show(nodes) {
    this.box.replaceChildren(...(nodes?.childNodes ?? []));
    if (!this.box.firstChild) this.box.append(element("p", {}, element("br", {})));
    this.tell();
  }

  toolbar() {
    this.buttons = TOOLS.map(([name, words, command, within, keys]) => {
      const button = element("button", { type: "button", class: "ib", "aria-label": words, title: words }, icon(name));
      if (command !== "link") button.setAttribute("aria-pressed", "false");
      if (keys) button.setAttribute("aria-keyshortcuts", keys);
      button.addEventListener("mousedown", (event) => event.preventDefault()); // keeps the selection
      button.addEventListener("click", () => this.press(command));
      Object.assign(button, { within });
      return button;
    });
    const names = nameMenu((field) => this.insert(field && chip(field)));
    const all = [...this.buttons, names.firstElementChild];
    const bar = element("div", { class: "format", role: "toolbar", "aria-label": "Format the text" }, ...this.buttons, names, this.count);
    all.forEach((each, index) => (each.tabIndex = index ? -1 : 0));
    bar.addEventListener("keydown", (event) => {
      const at = all.indexOf(document.activeElement);
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      all[at].tabIndex = -1;
      const next = all.at(to % all.length);
      next.tabIndex = 0;
      next.focus();
    });
    return bar;
  }

  listen() {
    const { box } = this;
    box.addEventListener("input", (event) => {
      event.stopPropagation();
      this.write();
    });
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("paste", (event) => this.take(event, event.clipboardData));
    box.addEventListener("drop", (event) => event.preventDefault());
    box.addEventListener("click", (event) => {
      if (event.target.closest("a")) event.preventDefault();
      const field = event.target.closest(".field-chip");
      if (field && !this.fixed) this.change(field);
    });
    document.addEventListener("selectionchange", () => {
      if (!this.note()) return;
      for (const button of this.buttons) {
        if (button.hasAttribute("aria-pressed")) button.setAttribute("aria-pressed", Boolean(this.around(button.within)));
      }
    });
  }

  /* Where the selection is, kept for when it is elsewhere. */
  note() {
    const selection = document.getSelection();
    const here = this.box.contains(selection.anchorNode);
    if (here) this.range = selection.getRangeAt(0).cloneRange();
    return here;
  }

  around(selector) {
    const { startContainer: node } = this.range ?? { startContainer: this.box };
    const found = (node.nodeType === 1 ? node : node.parentElement).closest(selector);
    return this.box.contains(found) && found !== this.box ? found : null;
  }

  write() {
    this.typedField();
    for (const each of this.box.querySelectorAll("[data-fallback]")) each.contentEditable = "false";
    this.note();
    const inside = this.around("[data-fallback]");
    if (inside) {
      this.range.setStartAfter(inside);
      this.back();
    }
    this.area.value = toMarkdown(this.box);
    this.status.textContent = "";
    this.tell();
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* Whoever types the syntax of a field means one. */
  typedField() {
    const { anchorNode: node, isCollapsed } = document.getSelection();
    const found = isCollapsed && node?.nodeType === 3 && /\{\{[^{}\n]*\}\}/.exec(node.data);
    const [field] = found ? pieces(found[0]) : [];
    if (!field?.name) return;
    const range = document.createRange();
    range.setStart(node, found.index);
    range.setEnd(node, found.index + found[0].length);
    this.range = range;
    this.insert(chip(field));
  }

  tell() {
    const words = this.box.innerText.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0;
    this.count.textContent = words === 1 ? "1 word" : `${words} words`;
  }

  back(range = this.range) {
    this.box.focus();
    if (!range) return;
    document.getSelection().removeAllRanges();
    document.getSelection().addRange(range);
  }

  insert(...nodes) {
    this.back();
    if (nodes[0]) run("insertHTML", markup(...nodes));
  }

  press(command) {
    if (!this.note()) this.back();
    run("styleWithCSS", false);
    if (command === "link") return this.link();
    if (command === "heading") return run("formatBlock", this.around("h3") ? "p" : "h3");
    return run(command);
  }

  select(node) {
    const range = document.createRange();
    range.selectNode(node);
    this.range = range;
    return range;
  }

  async link() {
    const found = this.around("a");
    const range = found ? this.select(found) : this.range;
    const words = found?.textContent ?? String(document.getSelection());
    const answer = await ask(
      found ? "Change the link" : "Insert a link",
      [
        { name: "words", label: "Words", value: words.trim(), required: "" },
        { name: "address", label: "Address", value: found?.getAttribute("href") ?? "https://", required: "" },
      ],
      { keep: "Keep", ...(found ? { remove: "Remove the link" } : {}) },
    );
    this.back(range);
    const address = answer?.address.trim();
    if (answer?.press === "remove") run("unlink");
    else if (answer && answer.words.trim() === words.trim() && !found) run("createLink", address);
    else if (answer) this.insert(element("a", { href: address }, answer.words.trim()));
  }

  async change(field) {
    const range = this.select(field);
    const answer = await askField(field.dataset.name, field.dataset.fallback);
    this.back(range);
    if (answer) run("insertHTML", markup(chip(answer)));
  }

  key(event) {
    this.note();
    const control = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    const command = control && { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    const field = this.range && document.getSelection().isCollapsed === false && this.chosen();
    if (this.fixed) return;
    if (command) this.press(command);
    else if (event.key === "Enter" && field) this.change(field);
    else if (control && event.key === "u") void 0; // nothing is underlined but links
    else if (control && /^[[\]]$/.test(event.key) && this.around("li")) run(event.key === "]" ? "indent" : "outdent");
    else if (event.key !== "Backspace" || !this.backOut()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  chosen() {
    const { startContainer, startOffset, endOffset } = this.range;
    const node = startContainer.childNodes[startOffset];
    return endOffset === startOffset + 1 && node?.dataset?.fallback ? node : null;
  }

  /* At the start of a heading or of an item, Backspace takes it out of that, and deletes nothing. */
  backOut() {
    const block = this.around("h3, li");
    if (!block || !this.range.collapsed) return false;
    const before = this.range.cloneRange();
    before.setStart(block, 0);
    if (String(before) || before.cloneContents().querySelector(".field-chip, br")) return false;
    return block.nodeName === "LI" ? run("outdent") : run("formatBlock", "p");
  }

  take(event, clipboard) {
    event.preventDefault();
    this.note();
    if (this.fixed) return;
    const text = clipboard.getData("text/plain");
    if (/^https?:\/\/\S+$/.test(text.trim()) && String(document.getSelection())) {
      run("createLink", text.trim());
      return;
    }
    const { body, said } = cleaned(clipboard.getData("text/html"), text);
    const nodes = body && toNodes(toMarkdown(body));
    if (nodes?.childNodes.length) {
      const [first, ...others] = nodes.childNodes;
      const inline = !others.length && first.nodeName === "P";
      this.insert(...(inline ? first.childNodes : nodes.childNodes));
    }
    this.status.textContent = said || (clipboard.files.length && !nodes?.childNodes.length ? "Pictures go into a picture field." : "");
  }
}

/** Show each field of rich text as it will look, and offer names of readers beside lines that take
    them. Text in another spelling stays as it is. */
export function editRichText(root = document) {
  document.execCommand("defaultParagraphSeparator", false, "p");
  for (const area of root.querySelectorAll("textarea[data-rich]:not(.vh)")) {
    const nodes = toNodes(area.value.replaceAll("\r\n", "\n"));
    if (nodes) new Editor(area, nodes);
  }
  for (const input of root.querySelectorAll("input[data-merge]")) offerNames(input);
}
