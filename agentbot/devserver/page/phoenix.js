// Phoenix Channels, version 2.0.0: text frames [join_ref, ref, topic, event, payload].

/** Milliseconds before each next attempt: those of phoenix.js itself, as are the two below. */
const RECONNECT_MS = [10, 50, 100, 150, 200, 250, 500, 1000, 2000, 5000];
const REJOIN_MS = [1000, 2000, 5000, 10000];
const HEARTBEAT_MS = 30000;

const waitFor = (delays, tries) => delays[Math.min(tries, delays.length - 1)];

export class Socket {
  #query;
  #onStatus;
  #connection = null;
  #channels = new Map();
  #ref = 0;
  #tries = 0;
  #heartbeat = null;
  #unanswered = null;

  /**
   * @param query async () => the URL's parameters, asked for anew at every attempt
   * @param onStatus called with true once the socket is open, and with false once it is not
   */
  constructor(query, onStatus) {
    this.#query = query;
    this.#onStatus = onStatus;
  }

  async connect() {
    let query;
    try {
      query = new URLSearchParams({ ...(await this.#query()), vsn: "2.0.0" });
    } catch {
      this.#reconnect();
      return;
    }
    const connection = new WebSocket(`ws://${location.host}/socket/websocket?${query}`);
    this.#connection = connection;
    connection.addEventListener("open", () => {
      this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
      this.#onStatus(true);
      for (const channel of this.#channels.values()) channel.rejoin();
    });
    connection.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
    connection.addEventListener("close", () => {
      if (this.#connection === connection) this.#lost();
    });
  }

  get isOpen() {
    return this.#connection?.readyState === WebSocket.OPEN;
  }

  /** Join a topic, now and again after every reconnect, until channel.leave(). */
  channel(topic, handlers) {
    const channel = new Channel(this, topic, handlers);
    this.#channels.set(topic, channel);
    if (this.isOpen) channel.rejoin();
    return channel;
  }

  /** Send a frame; return its ref, or null where the socket is not open. */
  send(joinRef, topic, event, payload) {
    if (!this.isOpen) return null;
    const ref = String(++this.#ref);
    const frame = [joinRef === "own" ? ref : joinRef, ref, topic, event, payload];
    this.#connection.send(JSON.stringify(frame));
    return ref;
  }

  /** Take note that a join has held: after the next break the shortest wait comes first again. */
  settled() {
    this.#tries = 0;
  }

  forget(channel) {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  #receive([joinRef, ref, topic, event, payload]) {
    if (topic === "phoenix" && ref === this.#unanswered) this.#unanswered = null;
    const channel = this.#channels.get(topic);
    // A frame of an earlier join is stale; a broadcast has no join_ref at all.
    if (channel && (joinRef === null || joinRef === channel.joinRef)) {
      channel.receive(ref, event, payload);
    }
  }

  #beat() {
    if (this.#unanswered !== null) {
      const dead = this.#connection;
      this.#lost();
      dead.close();
      return;
    }
    this.#unanswered = this.send(null, "phoenix", "heartbeat", {});
  }

  #lost() {
    clearInterval(this.#heartbeat);
    this.#connection = null;
    this.#unanswered = null;
    for (const channel of this.#channels.values()) channel.lost();
    this.#onStatus(false);
    this.#reconnect();
  }

  #reconnect() {
    setTimeout(() => this.connect(), waitFor(RECONNECT_MS, this.#tries));
    this.#tries += 1;
  }
}

class Channel {
  #socket;
  #handlers;
  #tries = 0;
  #timer = null;

  joinRef = null;
  isJoined = false;

  /** handlers: payload, onJoin(), onEvent(event, payload), onRefused(reason); all optional. */
  constructor(socket, topic, handlers = {}) {
    this.#socket = socket;
    this.#handlers = handlers;
    this.topic = topic;
  }

  rejoin() {
    clearTimeout(this.#timer);
    this.isJoined = false;
    this.joinRef = this.#socket.send("own", this.topic, "phx_join", this.#handlers.payload ?? {});
  }

  /** Push where the topic is joined; return whether it left. */
  push(event, payload) {
    return this.isJoined && this.#socket.send(this.joinRef, this.topic, event, payload) !== null;
  }

  leave() {
    clearTimeout(this.#timer);
    this.#socket.send(this.joinRef, this.topic, "phx_leave", {});
    this.#socket.forget(this);
    this.isJoined = false;
  }

  lost() {
    clearTimeout(this.#timer);
    this.isJoined = false;
    this.joinRef = null;
  }

  receive(ref, event, payload) {
    if (event === "phx_reply") {
      if (ref === this.joinRef) this.#joinAnswered(payload);
    } else if (event === "phx_error") {
      this.isJoined = false;
      this.#rejoinLater();
    } else {
      this.#handlers.onEvent?.(event, payload);
    }
  }

  #joinAnswered({ status, response }) {
    if (status === "ok") {
      this.#tries = 0;
      this.isJoined = true;
      this.#socket.settled();
      this.#handlers.onJoin?.();
    } else {
      this.#socket.forget(this);
      this.#handlers.onRefused?.(response?.reason ?? "refused");
    }
  }

  #rejoinLater() {
    this.#timer = setTimeout(() => this.rejoin(), waitFor(REJOIN_MS, this.#tries));
    this.#tries += 1;
  }
}
