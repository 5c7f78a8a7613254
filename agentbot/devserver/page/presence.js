// Who is present on a topic: a state is a full reset, a diff adds and takes away.

export class Presence {
  #metas = new Map();
  #early = [];
  #hasState = false;

  /** Take an event in; return whether it was one of presence. */
  take(event, payload) {
    if (event === "presence_state") {
      this.#metas.clear();
      this.#hasState = true;
      this.#add(payload);
      for (const diff of this.#early.splice(0)) this.#change(diff);
      return true;
    }
    if (event === "presence_diff") {
      // A diff may come before the first state; it is taken in after that.
      if (this.#hasState) this.#change(payload);
      else this.#early.push(payload);
      return true;
    }
    return false;
  }

  /** The connection is gone, and with it what was known. */
  reset() {
    this.#metas.clear();
    this.#early = [];
    this.#hasState = false;
  }

  /** The ids that are present under keys such as "user:12". */
  ids(kind) {
    return [...this.#metas.keys()]
      .filter((key) => key.startsWith(`${kind}:`))
      .map((key) => key.slice(kind.length + 1));
  }

  #change({ joins, leaves }) {
    for (const [key, { metas }] of Object.entries(leaves)) {
      const held = this.#metas.get(key);
      for (const { phx_ref: ref } of metas) held?.delete(ref);
      if (held?.size === 0) this.#metas.delete(key);
    }
    this.#add(joins);
  }

  #add(entries) {
    for (const [key, { metas }] of Object.entries(entries)) {
      if (!this.#metas.has(key)) this.#metas.set(key, new Set());
      for (const { phx_ref: ref } of metas) this.#metas.get(key).add(ref);
    }
  }
}
