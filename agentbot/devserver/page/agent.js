// What an agent sees: who is online, the conversations, and what the bot decided in each.

import { AgentApi } from "./api.js";
import { Inbox } from "./inbox.js";
import { arrange, byId, composer, el } from "./dom.js";
import { avatar, badge } from "./messages.js";
import { keyOf } from "./decisions.js";
import { Socket } from "./phoenix.js";
import { Presence } from "./presence.js";

/** Milliseconds after an answer at which it is looked whether the visitor has seen it. */
const SEEN_AFTER_MS = 1500;
/** Milliseconds until a stream of events that the browser has given up is opened again. */
const REOPEN_MS = 2000;

export class Agent {
  #config;
  #api;
  #socket;
  #room = new Presence();
  #notification = null;
  #users = new Map();
  #conversations = new Map();
  #visitors = new Map();
  #arrivals = 0;
  #inbox;
  #onOpen;
  #onWork;
  /** With whom Ann's next message begins a conversation: a customer's id, or null. */
  #beginsWith = null;

  /** onOpen(): the stream of events is there (again); onWork(id, isAtIt): the bot is at work. */
  constructor(config, { onStatus, onOpen, onWork }) {
    this.#config = config;
    this.#onOpen = onOpen;
    this.#onWork = onWork;
    this.#api = new AgentApi(config.agent);
    this.#inbox = new Inbox({
      conversations: this.#conversations,
      nameOf: (userId) => this.#nameOf(userId),
      botName: config.bot.name,
      onSelected: () => this.#toggleBegin(false),
      onOpened: (id) => this.#attempt(() => this.#api.update(id, { read: true })),
      onToggled: (id, status) => this.#attempt(() => this.#api.update(id, { status })),
    });
    let attempts = 0;
    const query = async () => {
      // A token that is refused looks like a server that is not there: ask for another one.
      const token = await this.#api.token({ renewed: attempts > 0 });
      attempts += 1;
      return { token };
    };
    this.#socket = new Socket(query, (isOpen) => {
      if (isOpen) attempts = 0;
      else this.#room.reset();
      this.#showPeople();
      onStatus("agent", isOpen);
    });
    this.#socket.channel(`room:${config.account.id}`, {
      onEvent: (event, payload) => {
        if (this.#room.take(event, payload)) this.#showPeople();
      },
    });
    byId("go-online").addEventListener("click", () => this.#toggleOnline());
    byId("begin").addEventListener("click", () => this.#toggleBegin());
    composer(byId("agent-form"), (text) => this.#reply(text));
    this.#listen(onStatus);
  }

  start() {
    this.#socket.connect();
  }

  /** Show this conversation as soon as it is there. */
  follow(conversationId) {
    this.#inbox.select(conversationId);
  }

  /** What stands in this conversation may have changed without an event, such as a receipt. */
  lookAt(conversationId) {
    setTimeout(() => this.#fetch(conversationId), SEEN_AFTER_MS);
  }

  // -- what comes in --------------------------------------------------------------------------

  #listen(onStatus) {
    const events = new EventSource("/demo/events");
    events.addEventListener("open", () => {
      onStatus("events", true);
      this.#inbox.nobodyIsAtIt();
      this.#onOpen();
      this.#load();
    });
    events.addEventListener("error", () => {
      onStatus("events", false);
      if (events.readyState === EventSource.CLOSED) {
        setTimeout(() => this.#listen(onStatus), REOPEN_MS);
      }
    });
    events.addEventListener("work", ({ data }) => {
      const { conversation_id: id, is_at_it: isAtIt } = JSON.parse(data);
      this.#inbox.showWork(id, isAtIt);
      this.#onWork(id, isAtIt);
    });
    events.addEventListener("decision", ({ data }) => this.#decided(JSON.parse(data)));
    events.addEventListener("frame", ({ data }) => {
      const [, , , event, payload] = JSON.parse(data);
      this.#heard(event, payload);
    });
  }

  /** Load everything anew: nobody tells what was missed while the connection was broken. */
  #load() {
    return this.#attempt(async () => {
      const [users, conversations] = await Promise.all([
        this.#api.users(),
        this.#api.conversations(),
      ]);
      for (const user of users) this.#users.set(user.id, user);
      const known = new Set(conversations.map(({ id }) => id));
      for (const id of this.#conversations.keys()) {
        if (!known.has(id)) this.#placeFor(id).isLoaded = false;
      }
      const oldestFirst = conversations.sort((one, other) =>
        (one.last_activity_at ?? "").localeCompare(other.last_activity_at ?? ""),
      );
      for (const conversation of oldestFirst) this.#take(conversation);
      this.#showPeople();
    });
  }

  #heard(event, payload) {
    if (event === "conversation:created") this.#fetch(payload.id);
    if (event === "conversation:updated") this.#update(payload.id, payload.updates);
    if (event === "shout") this.#heardShout(payload);
  }

  #heardShout(message) {
    const conversation = this.#conversations.get(message.conversation_id);
    if (!conversation?.isLoaded) {
      this.#fetch(message.conversation_id);
      return;
    }
    conversation.messages.set(message.id, message);
    conversation.arrival = ++this.#arrivals;
    this.#inbox.show();
    // Whoever writes has seen what stands above; the bot sends that receipt, and nobody tells us.
    if (message.customer_id) this.lookAt(message.conversation_id);
  }

  #update(id, updates) {
    const conversation = this.#conversations.get(id);
    if (!conversation) return;
    const { read, status, priority, assignee_id } = updates;
    Object.assign(conversation, { read, status, priority, assignee_id });
    this.#inbox.show();
  }

  #decided(decision) {
    const conversation = this.#placeFor(decision.conversation_id);
    const key = keyOf(decision);
    if (conversation.decisions.has(key)) return;
    conversation.decisions.set(key, decision);
    this.#inbox.show();
    // Tags change without an event.
    if (decision.decision?.actions?.length) this.#fetch(decision.conversation_id);
  }

  #fetch(id) {
    return this.#attempt(async () => this.#take(await this.#api.conversation(id)));
  }

  #take({ messages, ...fields }) {
    const conversation = this.#placeFor(fields.id);
    Object.assign(conversation, fields, { isLoaded: true });
    for (const message of messages) conversation.messages.set(message.id, message);
    conversation.arrival ??= ++this.#arrivals;
    const { customer } = conversation;
    if (!this.#visitors.has(customer.id)) this.#visitors.set(customer.id, this.#visitors.size + 1);
    const number = this.#visitors.get(customer.id);
    conversation.title = customer.name || customer.email || `Visitor ${number}`;
    this.#inbox.show();
  }

  /** A decision may be known before its conversation is. */
  #placeFor(id) {
    if (!this.#conversations.has(id)) {
      this.#conversations.set(id, { id, messages: new Map(), decisions: new Map() });
    }
    return this.#conversations.get(id);
  }

  // -- what the agent does --------------------------------------------------------------------

  /** Joining notification: is what makes an agent present; everything else works without. */
  #toggleOnline() {
    if (this.#notification) {
      this.#notification.leave();
      this.#notification = null;
    } else {
      const onRefused = () => this.#toggleOnline();
      const topic = `notification:${this.#config.account.id}`;
      this.#notification = this.#socket.channel(topic, { onRefused });
    }
    this.#showPeople();
  }

  /** Let the next message begin another conversation with the same visitor, or not. */
  #toggleBegin(begins = this.#beginsWith === null) {
    const { customer, title } = this.#conversations.get(this.#inbox.selected) ?? {};
    this.#beginsWith = begins ? (customer?.id ?? null) : null;
    byId("begin").setAttribute("aria-pressed", String(this.#beginsWith !== null));
    const field = byId("agent-form").querySelector("textarea");
    field.placeholder = this.#beginsWith
      ? `Begin a new conversation with ${title}…`
      : "Answer as a person…";
    if (this.#beginsWith) field.focus();
  }

  async #send(id, text) {
    if (this.#beginsWith === null) {
      await this.#api.reply(id, text);
      return;
    }
    const begun = await this.#api.begin(this.#beginsWith, text);
    this.#toggleBegin(false);
    this.follow(begun.id);
  }

  async #reply(text) {
    const id = this.#inbox.selected;
    byId("detail-log").scrollTop = byId("detail-log").scrollHeight;
    const isSent = await this.#attempt(() => this.#send(id, text));
    if (!isSent) {
      const field = byId("agent-form").querySelector("textarea");
      field.value ||= text;
      field.dispatchEvent(new Event("input"));
      return;
    }
    // Nobody tells an agent that the visitor has seen it.
    this.lookAt(this.#inbox.selected ?? id);
  }

  /** Do something with the server; return whether it went well, and say so if not. */
  async #attempt(work) {
    try {
      await work();
      byId("agent-note").textContent = "";
      return true;
    } catch {
      byId("agent-note").textContent = "The server did not take that. Please try again.";
      return false;
    }
  }

  // -- who is there ---------------------------------------------------------------------------

  #nameOf(userId) {
    const user = this.#users.get(userId);
    return user?.display_name || user?.email || `User ${userId}`;
  }

  #showPeople() {
    const online = this.#room.ids("user").map(Number).sort((one, other) => one - other);
    const items = online.map((userId) => {
      const isBot = userId === this.#config.bot.id;
      const name = this.#nameOf(userId);
      const face = () => avatar(isBot ? "bot" : "person", name);
      const build = () =>
        el("li", { className: "online" }, face(), name, isBot ? badge("bot", "accent") : null);
      return { key: String(userId), stamp: name, build };
    });
    arrange(byId("people"), items);
    byId("nobody").hidden = items.length > 0;
    const toggle = byId("go-online");
    toggle.setAttribute("aria-checked", String(this.#notification !== null));
    byId("go-online-label").textContent = `Go online as ${this.#config.agent.name}`;
  }
}
