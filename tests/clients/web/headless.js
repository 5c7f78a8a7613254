// browser, the headless client: nothing to see. `client` sends, `seen` has all that it was told.
import { Papercups } from "@papercups-io/browser";

const options = Object.fromEntries(new URLSearchParams(location.search));

window.seen = { agents: [], messages: [], received: [], customer: null, conversation: null };

window.client = Papercups.init({
  accountId: options.account,
  baseUrl: options.server,
  onPresenceSync: (presence) => {
    window.seen.agents = presence.list((key) => key);
  },
  onSetCustomerId: (id) => {
    window.seen.customer = id;
  },
  onSetConversationId: (id) => {
    window.seen.conversation = id;
  },
  onMessagesUpdated: (messages) => {
    window.seen.messages = messages.map(({ body }) => body);
  },
  onMessageCreated: (message) => {
    window.seen.received.push(message);
  },
});
window.ready = window.client.start();
