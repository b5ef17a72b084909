/* Rich text between its stored words and its nodes, without any page.

   The words are Markdown-lite in its one spelling (mailer/authoring/text/spelling.py). Nodes are p,
   h3, ul, ol, li, blockquote, strong, em, a, br and fields; whatever else a page holds is words. */

import { chip, pieces, written } from "./fields.js";

const JOINER = "\u2060"; // a mark holds beside it, and the server drops it
const S = "\\t-\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WIDE = new RegExp(`^[${S}]*$`);
const EDGES = new RegExp(`^([${S}]*)([^]*?)([${S}]*)$`);
const PUNCTUATION = /^[\p{P}\p{S}]/u;
const TAGS = { B: "strong", STRONG: "strong", I: "em", EM: "em", A: "a" };
const SIGNS = { strong: "**", em: "*" };
const INLINE = /^(ABBR|B|BDI|BDO|BIG|CITE|CODE|DEL|DFN|FONT|I|INS|KBD|LABEL|MARK|Q|S|SMALL|SPAN|STRONG|EM|A|SUB|SUP|STRIKE|TIME|TT|U|VAR|O:P)$/;
const SILENT = /^(SCRIPT|STYLE|TEMPLATE|TITLE|META|LINK|HEAD|IMG|SVG|OBJECT|IFRAME|INPUT|BUTTON)$/i;

/* Nodes to words */

const wide = (leaf) => leaf.br || (!leaf.name && WIDE.test(leaf.text));
const same = (one, other) => one?.tag === other?.tag && one?.node === other?.node;

function shared(some, others) {
  let number = 0;
  while (number < some.length && same(some[number], others[number])) number += 1;
  return some.slice(0, number);
}

/* The leaves of a run of words: spaces at their ends have only the marks that go on. */
function parted(leaves) {
  const merged = [];
  for (const leaf of leaves) {
    const last = merged.at(-1);
    const goesOn = last?.text && leaf.text && shared(last.marks, leaf.marks);
    if (goesOn && goesOn.length === Math.max(last.marks.length, leaf.marks.length)) {
      last.text += leaf.text;
    } else merged.push({ ...leaf });
  }
  const kept = [];
  const drop = (when) => {
    while (kept.length && when(kept.at(-1))) kept.pop();
  };
  for (const leaf of merged) {
    const parts = leaf.text ? EDGES.exec(leaf.text).slice(1).filter(Boolean) : [""];
    for (const text of parts) {
      const part = { ...leaf, text };
      if (part.br) drop((each) => wide(each) && !each.br);
      const last = kept.at(-1);
      if (!wide(part) || (last && (part.br || !last.br))) kept.push(part);
    }
  }
  drop(wide);
  let before = [];
  kept.forEach((leaf, index) => {
    let words = index;
    while (wide(kept[words])) words += 1;
    if (words === index) before = leaf.marks;
    else leaf.marks = shared(before, kept[words].marks);
  });
  return kept;
}

const marked = (words) =>
  words
    .replace(/[\\*[\]]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&")
    .replace(/\{(?=\{)/g, "{\\");

/* What was meant as a field and is none stays one to the eye: a check says what is wrong. */
const escaped = (words) =>
  words
    .split(/(\{\{[^{}\n]*\}\})/)
    .map((each, index) =>
      index % 2 && typeof pieces(each)[0] === "string" ? `{{${marked(each.slice(2))}` : marked(each),
    )
    .join("");

function address(url) {
  if (/^[^\s<>()\\]*$/.test(url)) return url;
  const parts = pieces(url.replace(/[\0-\x1f\x7f]/g, ""));
  return `<${parts.map((part) => (part.name ? written(part) : part.replace(/[\\<>]/g, "\\$&"))).join("")}>`;
}

function tokens(leaves) {
  const found = [];
  let marks = [];
  let brace = false;
  for (const leaf of [...leaves, { text: "", marks: [] }]) {
    const kept = shared(marks, leaf.marks).length;
    for (const { tag, url } of marks.slice(kept).reverse()) {
      found.push(tag === "a" ? { words: `](${address(url)})` } : { words: SIGNS[tag], closes: true });
    }
    for (const { tag } of leaf.marks.slice(kept)) {
      found.push(tag === "a" ? { words: "[" } : { words: SIGNS[tag], opens: true });
    }
    brace &&= kept === marks.length && kept === leaf.marks.length;
    marks = leaf.marks;
    if (leaf.br) found.push({ words: "\n" });
    else if (leaf.name) found.push({ words: (brace ? JOINER : "") + written(leaf), field: true });
    else if (leaf.text) found.push({ words: escaped(leaf.text) });
    brace = Boolean(leaf.text?.endsWith("{"));
  }
  return found;
}

function line(leaves, heading) {
  const held = (outside, inside) =>
    !PUNCTUATION.test(inside) || WIDE.test(outside) || PUNCTUATION.test(outside);
  let [out, before, afterMark] = ["", " ", false];
  const all = tokens(parted(heading ? leaves.map((leaf) => (leaf.br ? { text: " ", marks: leaf.marks } : leaf)) : leaves));
  const join = () => {
    out += JOINER;
    before = JOINER;
  };
  all.forEach((token, index) => {
    const next = all[index + 1] ?? { words: " " };
    const after = next.field || next.opens || next.closes ? "a" : String.fromCodePoint(next.words.codePointAt(0));
    const mark = token.opens || token.closes;
    if (mark && (afterMark || (token.closes && !held(after, before)))) join();
    out += token.words;
    afterMark = mark;
    if (token.opens && !held(before, after)) {
      join();
      afterMark = false;
    } else before = mark ? "*" : token.field ? "a" : [...token.words.slice(-2)].at(-1);
  });
  if (heading) return out.replace(/(^| )(#+)$/, "$1\\$2");
  const start = /^(?=#{1,6}(?: |$)|[-+](?: |$)|>)|^\d{1,9}(?=[.)](?: |$))/;
  return out && out.split("\n").map((each) => each.replace(start, "$&\\") || "\\").join("\n");
}

/* The blocks in a node: {tag, words} or {tag, within}; words in no paragraph are close ones. */
function blocks(node) {
  let found = [];
  let leaves = [];
  const flush = (tag, close) => {
    const words = line(leaves, tag === "h3");
    if (words) found.push({ tag, words, close });
    leaves = [];
  };
  const walk = (parent, marks, tag, close) => {
    for (const child of parent.childNodes) {
      const name = child.nodeName;
      if (child.nodeType === 3) {
        const words = child.data.replaceAll(JOINER, "").replace(/[\r\t]/g, " ").split("\n");
        words.forEach((text, index) => {
          if (index) leaves.push({ br: true, marks });
          if (text) leaves.push({ text, marks });
        });
      } else if (child.dataset?.fallback) leaves.push({ ...child.dataset, marks });
      else if (name === "BR") leaves.push({ br: true, marks });
      else if (child.nodeType !== 1 || SILENT.test(name)) continue;
      else if (INLINE.test(name)) {
        const kind = TAGS[name];
        const url = name === "A" ? child.getAttribute("href") : "";
        const taken = !kind || marks.some((mark) => mark.tag === kind) || (name === "A" && url === null);
        walk(child, taken ? marks : [...marks, { tag: kind, url, node: name === "A" ? child : null }], tag, close);
      } else {
        flush(tag, close);
        if (/^(UL|OL|BLOCKQUOTE)$/.test(name)) found = found.concat(container(child));
        else {
          const inner = /^H[1-6]$/.test(name) ? "h3" : "p";
          walk(child, marks, inner, false);
          flush(inner, false);
        }
      }
    }
  };
  walk(node, [], "p", true);
  flush("p", true);
  return found;
}

function container(node) {
  const tag = node.nodeName.toLowerCase();
  if (tag === "blockquote") return { tag, within: blocks(node) };
  const items = [];
  for (const child of node.childNodes) {
    const within = blocks(child.nodeName === "LI" ? child : { childNodes: [child] });
    if (child.nodeName === "LI" || (within.length && !items.length)) items.push({ within });
    else items.at(-1)?.within.push(...within);
  }
  return items.length ? { tag, start: Number(node.getAttribute("start") ?? 1), within: items } : [];
}

const takesMore = (block) =>
  block.tag === "p" || Boolean(block.within?.length && takesMore(block.within.at(-1)));

const sitsClose = (all) =>
  all.slice(1).every((other, index) => {
    const one = all[index];
    if (other.tag === "p" && takesMore(one)) return false;
    if (other.tag === "blockquote" && one.tag === other.tag) return false;
    const list = other.tag === "ul" || other.tag === "ol";
    const weak = other.tag === "ol" && other.start !== 1;
    return !(one.tag === "p" && list && (weak || !other.within[0]?.within.length));
  });

function lines(all, close) {
  const out = [];
  let marker = "";
  all.forEach((block, index) => {
    const signs = { ul: "-*", ol: ".)" }[block.tag];
    marker = signs && (marker === signs[0] ? signs[1] : signs[0]);
    if (index && !close) out.push("");
    if (signs) out.push(...items(block, marker));
    else if (block.within) {
      const within = lines(block.within, false);
      out.push(...(within.length ? within : [""]).map((each) => (each ? `> ${each}` : ">")));
    } else out.push(...((block.tag === "h3" ? "### " : "") + block.words).split("\n"));
  });
  return out;
}

function items(list, marker) {
  const close = list.within.every(
    (item) => item.within.every((each) => each.tag !== "p" || each.close) && sitsClose(item.within),
  );
  return list.within.flatMap((item, index) => {
    const number = Math.min(list.start + index, 999999999);
    const start = (list.tag === "ul" ? "" : number) + marker;
    const [first, ...others] = lines(item.within, close);
    const indent = " ".repeat(start.length + 1);
    return [
      ...(index && !close ? [""] : []),
      first ? `${start} ${first}` : start,
      ...others.map((each) => each && indent + each),
    ];
  });
}

/** The words that a node holds, as they are stored. */
export const toMarkdown = (node) => lines(blocks(node), false).join("\n");

/* Words to nodes */

function make(tag, ...within) {
  const element = document.createElement(tag);
  element.append(...within);
  return element;
}

function inline(words) {
  const body = document.createDocumentFragment();
  let into = body;
  const toggle = (tag) => {
    if (into.nodeName.toLowerCase() === tag) into = into.parentNode;
    else into = into.appendChild(make(tag));
  };
  const parts = pieces(words);
  const rest = parts.map((part, index) => (part.name ? `\ue000${index}\ue001` : part)).join("");
  const whole = (text) =>
    text.replace(/\ue000(\d+)\ue001/g, (_, index) => written(parts[index])).replace(/\\([!-/:-@[-`{-~])/g, "$1");
  const token = /\\\n|\\?\n|\\([^])|\*\*?|\[|\]\((?:<((?:\\.|[^\\>])*)>|([^)]*))\)|\ue000(\d+)\ue001|\u2060|[^\\\n*[\]\ue000\u2060]+|[^]/g;
  for (const [found, character, quoted, plain, field] of rest.matchAll(token)) {
    if (found.endsWith("\n")) into.append(make("br"));
    else if (character) into.append(character);
    else if (field) into.append(chip(parts[field]));
    else if (found === "**") toggle("strong");
    else if (found === "*") toggle("em");
    else if (found === "[") into = into.appendChild(make("a"));
    else if (found.startsWith("](") && into.nodeName === "A") {
      into.setAttribute("href", whole(quoted ?? plain));
      into = into.parentNode;
    } else if (found !== JOINER) into.append(found);
  }
  body.normalize();
  return body;
}

const MARKER = /^(?:(\d{1,9})[.)]|[-*])(?: |$)/;

/* What lines hold, and whether a blank one stands between two blocks. */
function read(all, into, close) {
  let blank = false;
  let at = 0;
  const take = (when) => {
    const from = at;
    while (at < all.length && when(all[at])) at += 1;
    return all.slice(from, at);
  };
  while (at < all.length) {
    const found = MARKER.exec(all[at]);
    if (!all[at]) {
      blank = true;
      at += 1;
    } else if (all[at][0] === ">") {
      const quotation = into.appendChild(make("blockquote"));
      read(take((each) => each[0] === ">").map((each) => each.replace(/^> ?/, "")), quotation);
    } else if (found) {
      const list = into.appendChild(make(found[1] ? "ol" : "ul"));
      if (found[1] && found[1] !== "1") list.setAttribute("start", found[1]);
      const kind = found[0].trim().at(-1);
      const texts = [];
      let loose = false;
      for (let next = found; next?.[0].trim().at(-1) === kind; next = MARKER.exec(all[at] ?? "")) {
        const width = next[0].trim().length + 1;
        const first = all[at++].slice(width);
        const others = take((each) => !each || each.startsWith(" ".repeat(width)));
        let ends = 0;
        while (others.length && !others.at(-1)) ends += others.pop() === "";
        texts.push([first, ...others.map((each) => each.slice(width))].filter((each, index) => index || each));
        if (ends && MARKER.exec(all[at] ?? "")?.[0].trim().at(-1) === kind) loose = true;
        else at -= ends;
      }
      const made = texts.map((text) => [text, list.appendChild(make("li"))]);
      for (const [text, item] of made) loose = read(text, item, true) || loose;
      if (loose) {
        for (const [text, item] of made) {
          item.replaceChildren();
          read(text, item);
        }
      }
    } else if (/^### /.test(all[at])) into.append(make("h3", inline(all[at++].slice(4))));
    else {
      const words = inline(take((each) => each && !/^(>|### )/.test(each) && !MARKER.test(each)).join("\n"));
      into.append(close ? words : make("p", words));
    }
  }
  return blank;
}

/** The nodes that stored words stand for, or null where they are not in their one spelling. */
export function toNodes(text) {
  const body = document.createDocumentFragment();
  read(text.split("\n"), body);
  return toMarkdown(body) === text ? body : null;
}
