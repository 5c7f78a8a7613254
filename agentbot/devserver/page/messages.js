// How a message looks, at the visitor's and at the agent's.

import { clock, el, icon, moment } from "./dom.js";
import { markdown } from "./markdown.js";

/** What visitors are called in their own window: read aloud, and not shown. */
export const YOU = "You";

/** Who wrote it: "visitor", "bot" or "person". */
export const authorOf = (message) => {
  if (message.customer_id) return "visitor";
  return message.type === "bot" ? "bot" : "person";
};

/** Times are whole seconds: within one, the order of arrival stays. */
export const inOrder = (messages) =>
  [...messages].sort((one, other) => moment(one.created_at) - moment(other.created_at));

/** What stands left of others' messages. */
export function avatar(author, name) {
  const inside = author === "bot" ? icon("bot") : (name || "?").trim()[0].toUpperCase();
  return el("span", { className: `avatar ${author}`, "aria-hidden": "true" }, inside);
}

export const badge = (text, kind = "") => el("span", { className: `badge ${kind}` }, text);

const MODELS = "Written by a language model";

/** Who has written a bot's message, and from what, as its mark names it; null for any other. */
function originOf({ metadata, customer_id: isVisitors }) {
  const mark = isVisitors ? null : metadata?.agentbot;
  const named = Array.isArray(mark?.sources) ? mark.sources : [];
  const sources = named.filter((one) => typeof one === "string");
  const isModels = mark?.by === "llm";
  if (!sources.length && !isModels) return null;
  const ids = sources.map((id) => badge(id));
  const word = sources.length > 1 ? "Sources" : "Source";
  if (!isModels) return el("p", { className: "sources" }, word, ids);
  return el("p", { className: "sources" }, sources.length ? `${MODELS} from` : MODELS, ids);
}

/**
 * One message as a list item.
 * name: who wrote it; side: "own" or "other"; isContinued: the one above is by the same author;
 * footer: text under it, or null.
 */
export function messageItem(message, { name, side, isContinued = false, footer = null }) {
  const author = authorOf(message);
  const className = `message ${side} ${author} ${message.private ? "private" : ""}`;
  const head = isContinued
    ? null
    : el(
        "p",
        { className: "by" },
        el("span", { className: name === YOU ? "unseen" : "" }, name),
        author === "bot" ? badge("bot", "accent") : null,
        message.private ? badge("private note") : null,
        message.created_at ? el("time", {}, clock(message.created_at)) : null,
      );
  const files = (message.attachments ?? []).map((file) =>
    el("p", { className: "file" }, icon("file"), file.filename),
  );
  return el(
    "li",
    { className, dataset: { continued: String(isContinued) } },
    side === "other" && !isContinued ? avatar(author, name) : null,
    el(
      "div",
      { className: "content" },
      head,
      el("div", { className: "bubble" }, markdown(message.body ?? ""), files),
      originOf(message),
      footer === null ? null : el("p", { className: "footer" }, footer),
    ),
  );
}

