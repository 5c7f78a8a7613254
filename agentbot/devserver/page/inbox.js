// The list of conversations, and the one that is open.

import { arrange, byId, clock, el, icon, keepAtEnd, moment } from "./dom.js";
import { authorOf, badge, inOrder, messageItem } from "./messages.js";
import { decisionItem } from "./decisions.js";
import { plain } from "./markdown.js";

export class Inbox {
  #conversations;
  #nameOf;
  #botName;
  #onOpened;
  #onToggled;
  #onSelected;
  #atIt = new Set();

  #wanted = null;
  #open = null;

  /**
   * conversations: Map of id → {title, status, read, …, messages: Map, decisions: Map, arrival};
   * those that are not isLoaded have no more than decisions.
   * onSelected(): another one is shown; onOpened(id): somebody looks at it; onToggled(id, status):
   * it is to be open, or closed.
   */
  constructor({ conversations, nameOf, botName, onSelected, onOpened, onToggled }) {
    this.#onSelected = onSelected;
    this.#conversations = conversations;
    this.#nameOf = nameOf;
    this.#botName = botName;
    this.#onOpened = onOpened;
    this.#onToggled = onToggled;
    byId("toggle-status").addEventListener("click", () => {
      const { id, status } = this.#open;
      this.#onToggled(id, status === "open" ? "closed" : "open");
    });
    byId("back").addEventListener("click", () => this.#look("list"));
  }

  /** The id of the conversation that is open. */
  get selected() {
    return this.#open?.id;
  }

  /** Open a conversation, now or as soon as it is loaded. */
  select(id) {
    this.#wanted = id;
    this.show();
  }

  show() {
    const loaded = [...this.#conversations.values()]
      .filter((one) => one.isLoaded)
      .sort((one, other) => other.arrival - one.arrival);
    const before = this.#open;
    this.#wanted ??= loaded[0]?.id;
    const rest = before?.isLoaded ? before : loaded[0];
    this.#open = loaded.find(({ id }) => id === this.#wanted) ?? rest;
    const rows = loaded.map((one) => this.#row(one));
    arrange(byId("conversations"), rows);
    byId("agent").dataset.empty = String(rows.length === 0);
    byId("detail").hidden = !this.#open;
    if (this.#open) this.#showDetail(this.#open);
    if (this.#open !== before) {
      byId("detail-log").scrollTop = byId("detail-log").scrollHeight;
      this.#onSelected();
    }
  }

  /** The bot is at work on this conversation, or not any more. */
  showWork(id, isAtIt) {
    if (isAtIt) this.#atIt.add(id);
    else this.#atIt.delete(id);
    this.show();
  }

  /** Nothing is known of the bot's work, as after a break. */
  nobodyIsAtIt() {
    this.#atIt.clear();
  }

  /** On a narrow screen the list and the open conversation take turns. */
  #look(at) {
    byId("agent").dataset.look = at;
    byId("detail-log").scrollTop = byId("detail-log").scrollHeight;
  }

  // -- the list -------------------------------------------------------------------------------

  #row(conversation) {
    const { id, title, status, read } = conversation;
    const assignee = conversation.assignee_id ? this.#nameOf(conversation.assignee_id) : null;
    const last = inOrder(conversation.messages.values()).at(-1);
    const isHandedOff = isLeftToPeople(conversation);
    const preview = last ? `${this.#prefix(last)}${plain(last.body ?? "")}` : "No message yet";
    const isOpen = id === this.selected;
    const state = { title, status, read, assignee, preview, isOpen, isHandedOff };
    return { key: id, stamp: JSON.stringify(state), build: () => this.#rowNode(state, id, last) };
  }

  #rowNode({ title, status, read, assignee, preview, isOpen, isHandedOff }, id, last) {
    const onclick = () => {
      this.select(id);
      this.#look("detail");
      if (!this.#conversations.get(id).read) this.#onOpened(id);
    };
    const isWaiting = isHandedOff && status === "open" && !assignee;
    const states = [
      status === "closed" ? badge("closed") : null,
      isWaiting ? badge("needs a person", "warm") : null,
      assignee ? badge(assignee) : null,
    ];
    return el(
      "li",
      { className: "row", dataset: { read: String(read) } },
      el(
        "button",
        { type: "button", onclick, "aria-current": String(isOpen) },
        el(
          "span",
          { className: "row-head" },
          read ? null : el("span", { className: "dot", role: "img", "aria-label": "unread" }),
          el("span", { className: "row-title" }, title),
          last ? el("time", {}, clock(last.created_at)) : null,
        ),
        el("span", { className: "preview" }, preview.slice(0, 140)),
        states.some(Boolean) ? el("span", { className: "row-states" }, states) : null,
      ),
    );
  }

  #prefix(message) {
    const author = authorOf(message);
    if (author === "visitor") return "";
    return author === "bot" ? "Bot: " : `${this.#nameOf(message.user_id)}: `;
  }

  // -- the open conversation ------------------------------------------------------------------

  #showDetail(conversation) {
    const { title, status, assignee_id: assignee, tags = [], priority } = conversation;
    byId("detail-title").textContent = title;
    const who = assignee ? `Assigned to ${this.#nameOf(assignee)}` : "Assigned to nobody";
    byId("detail-who").textContent = who;
    const marks = [
      ...(priority === "priority" ? ["priority"] : []),
      ...tags.map(({ name }) => `#${name}`),
    ];
    arrange(
      byId("detail-tags"),
      marks.map((text) => ({ key: text, build: () => el("li", {}, badge(text)) })),
    );
    byId("toggle-status").replaceChildren(
      icon(status === "open" ? "check" : "undo"),
      status === "open" ? "Close" : "Reopen",
    );
    keepAtEnd(byId("detail-log"), () => {
      arrange(byId("timeline"), this.#timeline(conversation));
      byId("at-it").hidden = !this.#atIt.has(conversation.id);
    });
  }

  /** The messages, and after those that it is about each decision. */
  #timeline({ title, messages, decisions }) {
    const after = new Map();
    for (const [key, decision] of decisions) {
      const about = decision.message_ids.filter((id) => messages.has(id)).at(-1);
      after.set(about, [...(after.get(about) ?? []), { key, decision }]);
    }
    const cards = (id) =>
      (after.get(id) ?? []).map(({ key, decision }) => {
        return { key, build: () => decisionItem(decision) };
      });
    const ordered = inOrder(messages.values());
    const items = ordered.flatMap((message, index) => [
      this.#messageRow(message, title, seenAt(ordered, index)),
      ...cards(message.id),
    ]);
    return [...items, ...cards(undefined)];
  }

  #messageRow(message, title, seenAt) {
    const author = authorOf(message);
    const name = { visitor: title, bot: this.#botName }[author] ?? this.#nameOf(message.user_id);
    const side = author === "visitor" ? "other" : "own";
    const footer = seenAt ? `Seen ${clock(seenAt)}` : null;
    return {
      key: message.id,
      stamp: `${name} ${footer} ${message.body}`,
      build: () => messageItem(message, { name, side, footer }),
    };
  }
}

/**
 * When the visitor has seen a message of ours, as far as receipts tell: Papercups stamps only what
 * has a user, which the bot's messages mostly have not; but who has seen a later one has seen it.
 */
function seenAt(messages, index) {
  const { private: isPrivate } = messages[index];
  if (isPrivate || authorOf(messages[index]) === "visitor") return null;
  return messages.slice(index).find((one) => one.seen_at && !one.private)?.seen_at ?? null;
}

/**
 * Later silence does not take a handoff back; only a person who writes or takes the conversation
 * does. The bot's note was the first reply, so Papercups assigns nothing to who writes after it.
 */
function isLeftToPeople({ decisions, messages }) {
  const handoffs = [...decisions.values()].filter(({ outcome }) => outcome === "handed_off");
  const latest = Math.max(...handoffs.map(({ settled_at: at }) => (at ? wholeSecond(at) : 0)));
  const answers = [...messages.values()].filter((one) => authorOf(one) === "person" && !one.private);
  return handoffs.length > 0 && !answers.some((one) => wholeSecond(one.created_at) >= latest);
}

// Messages have no more than that.
const wholeSecond = (at) => Math.floor(moment(at) / 1000);
