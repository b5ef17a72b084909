/* What is pasted from Word, Outlook, Excel, Google Docs and web pages, as plain nodes that
   richtext.js can write: lists are lists, tables are lines, bold is bold, and no words are lost. */

const MOST = 100_000;
const WEB = /^(https?:|mailto:|tel:)/i;
const REDIRECTS = [
  [/\.safelinks\.protection\.outlook\.com$/, "url"],
  [/^www\.google\.[a-z.]+$/, "q"],
  [/^lm?\.facebook\.com$/, "u"],
];
const TRACKING = /^(utm_\w+|fbclid|gclid|mc_[ce]id|_hs\w+)$/;
const BULLET = /^[\s\xa0]*[•·▪◦‣●○§][\s\xa0]+/;

const styleOf = (element) => element.getAttribute("style") ?? "";

/** Where a pasted link goes, past whoever counts its visitors; "" is nowhere. */
export function destination(href) {
  let url;
  try {
    url = new URL(href);
  } catch {
    return "";
  }
  const [, name] = REDIRECTS.find(([host]) => host.test(url.hostname)) ?? [];
  const goal = name && url.searchParams.get(name);
  if (goal && WEB.test(goal)) return destination(goal);
  const tracked = [...url.searchParams.keys()].filter((key) => TRACKING.test(key));
  for (const key of tracked) url.searchParams.delete(key);
  return WEB.test(href) ? (tracked.length ? url.href : href) : "";
}

function retag(element, tag) {
  const made = document.createElement(tag);
  made.append(...element.childNodes);
  element.replaceWith(made);
  return made;
}

const unwrap = (element) => element.replaceWith(...element.childNodes);

/* Spaces as a page shows them: runs are one, lines of preformatted text stay lines. */
function respace(body) {
  const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const all = [];
  while (walker.nextNode()) all.push(walker.currentNode);
  for (const text of all) {
    if (!text.parentElement.closest("pre")) {
      text.data = text.data.replace(/[\s\xa0]+/g, " ");
      continue;
    }
    const lines = text.data.split("\n");
    text.replaceWith(...lines.flatMap((line, index) => (index ? [document.createElement("br"), line] : [line])));
  }
}

/* Word's lists are paragraphs that say their level; others begin with a bullet. */
function listed(body) {
  let open = []; // [level, list], outermost first
  for (const paragraph of body.querySelectorAll("p, div")) {
    const level = /mso-list:[^;]*level(\d)/.exec(styleOf(paragraph))?.[1];
    const sign = paragraph.querySelector('[style*="mso-list:Ignore" i]');
    const typed = !paragraph.querySelector("p, div") && BULLET.exec(paragraph.textContent);
    if (!(level && sign) && !typed) continue;
    const ordered = /^\W?(\d+|[a-z]+)[.)]/i.test(sign?.textContent.trim() ?? "");
    sign?.remove();
    if (!sign && typed) {
      const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
      for (let left = typed[0].length; left > 0 && walker.nextNode(); ) {
        const cut = Math.min(left, walker.currentNode.length);
        walker.currentNode.deleteData(0, cut);
        left -= cut;
      }
    }
    let before = paragraph.previousSibling;
    while (before && before.nodeType !== 1 && !before.data?.trim()) before = before.previousSibling;
    if (!open.length || before !== open[0][1]) open = [];
    while (open.length && open.at(-1)[0] > Number(level ?? 1)) open.pop();
    if (!open.length || open.at(-1)[0] < Number(level ?? 1)) {
      const list = document.createElement(ordered ? "ol" : "ul");
      if (open.length) (open.at(-1)[1].lastElementChild ?? open.at(-1)[1]).append(list);
      else paragraph.before(list);
      open.push([Number(level ?? 1), list]);
    }
    open.at(-1)[1].append(retag(paragraph, "li"));
  }
}

/* A table of several columns is a line for each row; one that only lays out a page is nothing. */
function untabled(body) {
  for (const table of [...body.querySelectorAll("table")].reverse()) {
    const rows = [...table.rows].map((row) => [...row.cells]);
    const layout = rows.some((cells) =>
      cells.length < 2 || cells.some((cell) => cell.querySelectorAll("p, div, ul, ol, h1, h2, h3").length > 1),
    );
    const list = document.createElement(layout ? "div" : "ul");
    for (const cells of rows) {
      const parts = cells.filter((cell) => layout || cell.textContent.trim());
      if (layout) list.append(...parts.map((cell) => retag(cell, "div")));
      else if (parts.length) {
        const item = list.appendChild(document.createElement("li"));
        parts.forEach((cell, index) => {
          for (const block of cell.querySelectorAll("p, div")) unwrap(block);
          item.append(...(index ? [", "] : []), ...cell.childNodes);
        });
      }
    }
    const caption = table.caption && retag(table.caption, "p");
    table.replaceWith(...(caption ? [caption] : []), list);
  }
}

function restyled(body) {
  for (const element of body.querySelectorAll("*")) {
    const style = styleOf(element);
    const weight = /font-weight:\s*(\w+)/i.exec(style)?.[1];
    const plain = /^(normal|[1-5]00)$/.test(weight) && /^(B|STRONG)$/.test(element.nodeName);
    const upright = /font-style:\s*normal/i.test(style) && /^(I|EM)$/.test(element.nodeName);
    const marks = [
      /^(bold|bolder|[6-9]00)$/.test(weight) && !/^H\d$/.test(element.nodeName) && "strong",
      /font-style:\s*italic/i.test(style) && "em",
    ].filter(Boolean);
    for (const mark of marks) {
      const made = document.createElement(mark);
      made.append(...element.childNodes);
      element.append(made);
    }
    if (plain || upright) retag(element, element.querySelector("p, div, ul, ol, table, h1, h2, h3") ? "div" : "span");
  }
}

/** The pasted page as plain nodes, and what there is to say about it. */
export function cleaned(html, text) {
  if (text.length > MOST) {
    return { body: null, said: "That is more than 100,000 characters. Paste it in parts." };
  }
  if (!html || html.length > 20 * MOST) return { body: plain(text), said: "" };
  const { body } = new DOMParser().parseFromString(html, "text/html");
  const pictures = body.querySelector("img, picture, svg, video");
  for (const each of body.querySelectorAll("*")) {
    if (/display:\s*none|mso-hide:\s*all/i.test(styleOf(each))) each.remove();
  }
  restyled(body);
  listed(body);
  respace(body);
  untabled(body);
  for (const link of body.querySelectorAll("a")) {
    const href = destination(link.getAttribute("href") ?? "");
    if (href) link.setAttribute("href", href);
    else unwrap(link);
  }
  return { body, said: pictures ? "Pictures go into a picture field." : "" };
}

function plain(text) {
  const body = document.createElement("div");
  for (const part of text.replace(/\r\n?/g, "\n").split(/\n\s*\n/)) {
    const paragraphs = part.split("\n").map((line) => {
      const made = document.createElement("p");
      made.textContent = line.replace(/\t/g, ", ");
      return made;
    });
    if (paragraphs.some((each) => BULLET.test(each.textContent))) {
      body.append(...paragraphs);
      continue;
    }
    const one = body.appendChild(document.createElement("p"));
    paragraphs.forEach((each, index) => one.append(...(index ? [document.createElement("br")] : []), ...each.childNodes));
  }
  listed(body);
  return body;
}
