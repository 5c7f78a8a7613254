// Papercups' REST API: the calls of a visitor, which need no token, and those of an agent.

async function call(method, path, { body, token } = {}) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = token;
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (!response.ok) throw Object.assign(new Error(path), { status: response.status });
  return (await response.json()).data;
}

export const visitorApi = {
  createCustomer: (customer) => call("POST", "/api/customers", { body: { customer } }),
  createConversation: (conversation) =>
    call("POST", "/api/conversations", { body: { conversation } }),
  conversations: (customerId, accountId) => {
    const query = new URLSearchParams({ customer_id: customerId, account_id: accountId });
    return call("GET", `/api/conversations/customer?${query}`);
  },
};

export class AgentApi {
  #user;
  #session = null;

  /** user: {email, password} */
  constructor({ email, password }) {
    this.#user = { email, password };
  }

  /** A token that was good a moment ago; renewed asks for another one. */
  async token({ renewed = false } = {}) {
    if (renewed || !this.#session) {
      this.#session = call("POST", "/api/session", { body: { user: this.#user } });
    }
    try {
      return (await this.#session).token;
    } catch (error) {
      this.#session = null;
      throw error;
    }
  }

  /** Call with a token, and once more with a new one where it is not accepted any longer. */
  async #call(method, path, body) {
    try {
      return await call(method, path, { body, token: await this.token() });
    } catch (error) {
      if (error.status !== 401) throw error;
      return call(method, path, { body, token: await this.token({ renewed: true }) });
    }
  }

  users = () => this.#call("GET", "/api/users");
  conversations = () => this.#call("GET", "/api/conversations?limit=50");
  conversation = (id) => this.#call("GET", `/api/conversations/${id}`);
  update = (id, conversation) =>
    this.#call("PUT", `/api/conversations/${id}`, { conversation });
  /** Begin a conversation with a customer, with its first message. */
  begin = (customer_id, body) => {
    const conversation = { customer_id, message: { body } };
    return this.#call("POST", "/api/conversations", { conversation });
  };
  reply = (id, body) => {
    const sentAt = new Date().toISOString();
    const message = { conversation_id: id, body, type: "reply", sent_at: sentAt };
    return this.#call("POST", "/api/messages", { message });
  };
}
