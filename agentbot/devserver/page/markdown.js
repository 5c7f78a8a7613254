// The markdown of chat messages as DOM nodes: paragraphs, lists, quotes, code, emphasis, links.
// No HTML passes through. Every repetition is bounded, so no text takes more than linear time.

import { el } from "./dom.js";

/** Characters of a message that are shown: a longer one would be no chat. */
const LONGEST = 10000;
const ITEM = /^( {0,6})([-*+]|\d{1,9}[.)])[ \t]+(.*)$/;
const INLINE = new RegExp(
  [
    /\\(?<escaped>[\\`*_[\]()#+.!-])/,
    /`(?<code>[^`\n]{1,500})`/,
    /\*\*(?<strong>[^*\n]{1,500})\*\*/,
    /\*(?<em>[^*\s][^*\n]{0,300})\*/,
    /(?<!\w)_(?<em2>[^_\s][^_\n]{0,300})_(?!\w)/,
    /\[(?<label>[^[\]\n]{1,300})\]\((?<href>[^()\s]{1,1000})\)/,
    /(?<url>https?:\/\/[^\s<>"]{1,1000})/,
  ]
    .map(({ source }) => source)
    .join("|"),
  "g",
);

/** Return a fragment that shows the text. */
export function markdown(text) {
  const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  const fragment = document.createDocumentFragment();
  const lines = shown.replaceAll("\r\n", "\n").split("\n");
  for (let at = 0; at < lines.length; ) at = block(lines, at, fragment);
  return fragment;
}

/** Return the text as one line, without its marks. */
export function plain(text) {
  const fragment = markdown(text);
  for (const end of fragment.querySelectorAll("br, p, li, pre")) end.after(" ");
  return fragment.textContent.replace(/\s+/g, " ").trim();
}

/** Append the block that begins on this line; return the line after it. */
function block(lines, at, parent) {
  const line = lines[at];
  if (!line.trim()) return at + 1;
  if (line.startsWith("```")) return codeBlock(lines, at, parent);
  if (ITEM.test(line)) return list(lines, at, parent);
  const heading = /^#{1,6} (.*)$/.exec(line);
  if (heading) {
    parent.append(el("p", { className: "heading" }, inline(heading[1])));
    return at + 1;
  }
  const isQuote = line.startsWith(">");
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && lines[end].startsWith(">") === isQuote) {
    if (ITEM.test(lines[end]) || /^(```|#{1,6} )/.test(lines[end])) break;
    end += 1;
  }
  const inside = lines.slice(at, end).map((one) => (isQuote ? one.replace(/^> ?/, "") : one));
  const content = inside.flatMap((one, index) => [index ? el("br") : null, ...inline(one)]);
  parent.append(isQuote ? el("blockquote", {}, el("p", {}, content)) : el("p", {}, content));
  return end;
}

function codeBlock(lines, at, parent) {
  let end = at + 1;
  while (end < lines.length && !lines[end].startsWith("```")) end += 1;
  parent.append(el("pre", {}, el("code", {}, lines.slice(at + 1, end).join("\n"))));
  return end + 1;
}

/** A list, and inside its items those that are indented further. */
function list(lines, at, parent, indent = ITEM.exec(lines[at])[1].length) {
  const first = ITEM.exec(lines[at])[2];
  const isOrdered = /\d/.test(first);
  const items = el(isOrdered ? "ol" : "ul", isOrdered ? { start: parseInt(first, 10) } : {});
  let end = at;
  while (end < lines.length) {
    const item = ITEM.exec(lines[end]);
    if (!item || item[1].length < indent) break;
    if (item[1].length > indent + 1 && items.lastElementChild) {
      end = list(lines, end, items.lastElementChild);
    } else {
      items.append(el("li", {}, inline(item[3])));
      end += 1;
    }
  }
  parent.append(items);
  return end;
}

/** The nodes of one line. */
function inline(text) {
  const nodes = [];
  let after = 0;
  for (const found of text.matchAll(INLINE)) {
    nodes.push(text.slice(after, found.index), span(found[0], found.groups));
    after = found.index + found[0].length;
  }
  return [...nodes, text.slice(after)];
}

function span(whole, { escaped, code, strong, em, em2, label, href, url }) {
  if (escaped) return escaped;
  if (code) return el("code", {}, code);
  if (strong) return el("strong", {}, inline(strong));
  if (em ?? em2) return el("em", {}, inline(em ?? em2));
  if (label) return link(href, label) ?? whole;
  const end = /[.,;:!?)'\]]*$/.exec(url)[0];
  const address = url.slice(0, url.length - end.length);
  return el("span", {}, link(address, address) ?? address, end);
}

function link(href, label) {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return null;
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, label);
}
