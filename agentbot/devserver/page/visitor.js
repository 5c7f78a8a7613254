// The visitor's window: a customer's session over REST and the socket, as the real widget has it.

import { visitorApi } from "./api.js";
import { arrange, byId, composer, el, keepAtEnd } from "./dom.js";
import { YOU, authorOf, inOrder, messageItem } from "./messages.js";
import { Socket } from "./phoenix.js";
import { Presence } from "./presence.js";

const STORED = "agentbot-demo-visitor";
/** Milliseconds until a REST call that failed is made again. */
const RETRY_MS = 2000;

export class Visitor {
  #config;
  #onConversation;
  #onNews;
  #onSeen;
  #socket;
  #room = new Presence();
  #channel = null;
  #lobby = null;
  /** The conversations on which the bot is at work. */
  #atIt = new Set();
  #customerId = null;
  #conversationId = null;
  #messages = new Map();
  /** Sent, and not yet echoed: {body, metadata, sent_at, joinRef of the join it left under}. */
  #pending = [];
  #isReady = false;
  #isStarting = false;

  /** onConversation(id): one has begun; onNews(): somebody has answered; onSeen(id): it was read. */
  constructor(config, { onStatus, onConversation, onNews, onSeen }) {
    this.#config = config;
    this.#onConversation = onConversation;
    this.#onNews = onNews;
    this.#onSeen = onSeen;
    this.#socket = new Socket(() => ({ account_id: config.account.id }), (isOpen) => {
      if (!isOpen) this.#disconnected();
      onStatus(isOpen);
    });
    this.#socket.channel(`room:${config.account.id}`, {
      onEvent: (event, payload) => {
        if (this.#room.take(event, payload)) this.#showAvailability();
      },
    });
    composer(byId("visitor-form"), (text) => this.say(text));
    byId("new-visitor").addEventListener("click", () => this.startAnew());
    document.addEventListener("visibilitychange", () => this.#seen());
    this.#offerSamples();
  }

  start() {
    const stored = JSON.parse(sessionStorage.getItem(STORED) ?? "null");
    if (stored?.account === this.#config.account.id) {
      this.#enter(stored.customer, stored.conversation);
    }
    this.#socket.connect();
    this.#show();
  }

  /** Say something; it is shown at once, and sent as soon as there is a way. */
  say(body, metadata = undefined) {
    this.#pending.push({ body, metadata, sent_at: new Date().toISOString(), joinRef: null });
    this.#show();
    this.looked();
    this.#send();
  }

  /** The window may have come into view. */
  looked() {
    byId("visitor-log").scrollTop = byId("visitor-log").scrollHeight;
    this.#seen();
  }

  /** Forget everything: the next message is another visitor's first. */
  startAnew(note = "") {
    this.#channel?.leave();
    this.#lobby?.leave();
    this.#channel = null;
    this.#lobby = null;
    this.#customerId = null;
    this.#conversationId = null;
    this.#messages.clear();
    this.#pending = [];
    this.#isReady = false;
    sessionStorage.removeItem(STORED);
    byId("visitor-note").textContent = note;
    this.#show();
    this.#focus();
  }

  #send() {
    if (!this.#conversationId) {
      this.#begin();
    } else if (this.#isReady) {
      for (const message of this.#pending) this.#push(message);
    }
  }

  /** Push what has not left under this join; the echo is the only sign that it arrived. */
  #push(message) {
    if (message.joinRef === this.#channel.joinRef) return;
    const { body, metadata, sent_at } = message;
    const shout = { body, metadata, sent_at, customer_id: this.#customerId };
    if (this.#channel.push("shout", shout)) message.joinRef = this.#channel.joinRef;
  }

  async #begin() {
    if (this.#isStarting) return;
    this.#isStarting = true;
    const account_id = this.#config.account.id;
    try {
      const customer = await visitorApi.createCustomer({
        account_id,
        time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        current_url: location.href,
        host: location.host,
        pathname: location.pathname,
      });
      const conversation = await visitorApi.createConversation({
        account_id,
        customer_id: customer.id,
        source: "chat",
      });
      // Whoever became another visitor meanwhile has nothing to say in this conversation.
      if (!this.#pending.length) return;
      this.#enter(customer.id, conversation.id);
    } catch {
      byId("visitor-note").textContent = "The server cannot be reached. Trying again…";
      setTimeout(() => this.#pending.length && this.#send(), RETRY_MS);
    } finally {
      this.#isStarting = false;
    }
  }

  #enter(customerId, conversationId) {
    this.#customerId = customerId;
    this.#conversationId = conversationId;
    const stored = { account: this.#config.account.id, customer: customerId };
    sessionStorage.setItem(STORED, JSON.stringify({ ...stored, conversation: conversationId }));
    this.#onConversation(conversationId);
    this.#lobby ??= this.#socket.channel(`conversation:lobby:${customerId}`, {
      onEvent: (event, payload) => {
        if (event === "conversation:created") this.#goOver(payload.id);
      },
    });
    this.#channel = this.#socket.channel(`conversation:${conversationId}`, {
      payload: { customer_id: customerId },
      onJoin: () => this.#joined(conversationId),
      onRefused: () => this.startAnew("The server has forgotten that conversation. Ask anew!"),
      onEvent: (event, payload) => {
        if (event === "shout") this.#heard(payload);
      },
    });
  }

  /** An agent has begun another conversation: go over to it, as the real widget does. */
  #goOver(conversationId) {
    if (!conversationId || conversationId === this.#conversationId) return;
    this.#channel.leave();
    this.#messages.clear();
    this.#isReady = false;
    for (const message of this.#pending) message.joinRef = null;
    this.#enter(this.#customerId, conversationId);
    this.#onNews();
  }

  /** The bot is at work on a conversation, or not any more. */
  showWork(conversationId, isAtIt) {
    if (isAtIt) this.#atIt.add(conversationId);
    else this.#atIt.delete(conversationId);
    this.#show();
  }

  /** What was said while we were away never comes by itself; what we said may not have arrived. */
  async #joined(conversationId) {
    try {
      const found = await visitorApi.conversations(this.#customerId, this.#config.account.id);
      if (conversationId !== this.#conversationId) return;
      const messages = found.find(({ id }) => id === conversationId)?.messages ?? [];
      for (const message of messages) this.#take(message);
    } catch {
      if (conversationId !== this.#conversationId) return;
      setTimeout(() => this.#channel?.isJoined && this.#joined(conversationId), RETRY_MS);
      return;
    }
    byId("visitor-note").textContent = "";
    this.#isReady = true;
    this.#send();
    this.#show();
  }

  #disconnected() {
    this.#isReady = false;
    this.#room.reset();
    this.#showAvailability();
  }

  #heard(message) {
    // What the server could not store it still broadcasts, without an id.
    if (!message.id || message.private) return;
    const isNew = this.#take(message);
    this.#show();
    if (isNew && authorOf(message) !== "visitor") this.#onNews();
  }

  /** Note a stored message; return whether it was new. */
  #take(message) {
    const isNew = !this.#messages.has(message.id);
    this.#messages.set(message.id, message);
    if (isNew && message.customer_id) {
      const second = (text) => text?.slice(0, 19);
      const echoed = this.#pending.findIndex(
        (one) => one.body === message.body && second(one.sent_at) === second(message.sent_at),
      );
      if (echoed >= 0) this.#pending.splice(echoed, 1);
    }
    return isNew;
  }

  #seen() {
    const waits = [...this.#messages.values()].some((one) => one.user_id && !one.seen_at);
    if (!waits || document.hidden || !byId("visitor").checkVisibility()) return;
    if (!this.#channel?.push("messages:seen", {})) return;
    const now = new Date().toISOString();
    for (const message of this.#messages.values()) if (message.user_id) message.seen_at ??= now;
    this.#onSeen(this.#conversationId);
  }

  #focus() {
    byId("visitor-form").querySelector("textarea").focus({ preventScroll: true });
  }

  // -- what is seen -------------------------------------------------------------------------

  #show() {
    const log = byId("visitor-log");
    const messages = inOrder(this.#messages.values());
    const last = messages.at(-1);
    const items = messages.map((message, index) => this.#item(message, messages[index - 1], last));
    for (const [index, message] of this.#pending.entries()) {
      const shown = { ...message, customer_id: "me" };
      const key = `pending-${message.sent_at}-${index}`;
      const options = { name: YOU, side: "own", isContinued: true, footer: "Sending…" };
      items.push({ key, build: () => messageItem(shown, options) });
    }
    keepAtEnd(log, () => {
      arrange(byId("visitor-messages"), items);
      byId("visitor-empty").hidden = items.length > 0;
      this.#offerReplies(this.#pending.length ? undefined : last);
      byId("typing").hidden = !this.#atIt.has(this.#conversationId);
    });
    byId("new-visitor").hidden = !items.length;
    this.#seen();
  }

  #item(message, before, last) {
    const author = authorOf(message);
    const isContinued =
      before !== undefined && authorOf(before) === author && before.user_id === message.user_id;
    const isLast = message === last && author === "visitor" && !this.#pending.length;
    const footer = isLast ? "Delivered" : null;
    const name = { visitor: YOU, bot: this.#config.bot.name }[author] ?? personOf(message);
    const side = author === "visitor" ? "own" : "other";
    return {
      key: message.id,
      stamp: `${isContinued} ${footer} ${message.body}`,
      build: () => messageItem(message, { name, side, isContinued, footer }),
    };
  }

  /** The last message's quick replies: a click sends the text and names the action. */
  #offerReplies(last) {
    const offered = last?.metadata?.quick_replies;
    const replies = Array.isArray(offered) ? offered.filter((one) => one?.text) : [];
    const items = replies.map(({ text, action }, index) => ({
      key: `${last.id}-${index}`,
      build: () => this.#chip(String(text), { reply_action: action ?? text }),
    }));
    arrange(byId("quick-replies"), items);
  }

  #offerSamples() {
    byId("samples").append(...this.#config.samples.map((text) => this.#chip(text)));
  }

  #chip(text, metadata) {
    const onclick = () => {
      this.say(text, metadata);
      // The button goes, and with it the focus; on a phone a field in focus brings the keyboard.
      if (matchMedia("(pointer: fine)").matches) this.#focus();
    };
    return el("button", { type: "button", className: "chip", onclick }, text);
  }

  /** As the real widget says it: any user in the room is somebody. */
  #showAvailability() {
    const isOnline = this.#room.ids("user").length > 0;
    byId("availability").textContent = isOnline ? "We are online" : "We are away at the moment";
    byId("availability").dataset.online = String(isOnline);
  }
}

const personOf = ({ user }) => user?.display_name || user?.full_name || user?.email || "Team";
