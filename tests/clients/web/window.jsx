// The page in chat-widget's iframe. The real one is hosted and in no package; this one stands on the
// same client library and says the same to the shell, which is why it leaves and rejoins a fresh
// conversation: the shell answers "customer:updated" with "customer:set:id".
import { Papercups } from "@papercups-io/browser";
import { ChatFooter } from "@papercups-io/chat-builder";
import { useEffect, useRef, useState } from "react";
import { render } from "react-dom";

import { agentsIn, Availability, options, QuickReplies, root } from "./extras.jsx";
import { Messages } from "./messages.jsx";

const tellShell = (event, data) =>
  parent.postMessage({ event, payload: { ...data, ts: options.ts } }, "*");

const start = (show) => {
  let customer = null;
  const papercups = Papercups.init({
    accountId: options.accountId,
    baseUrl: options.baseUrl,
    customerId: options.customerId,
    customer: JSON.parse(options.metadata),
    onPresenceSync: (presence) => show({ agents: agentsIn(presence) }),
    onMessagesUpdated: (messages) => show({ messages }),
    onSetCustomerId: (customerId) => {
      if (customerId === customer) return;
      customer = customerId;
      show({ customerId });
      tellShell("customer:updated", { customerId });
    },
    onSetConversationId: (conversationId) =>
      tellShell("conversation:join", { conversationId, customerId: customer }),
  });
  addEventListener("message", ({ data: { event, payload } }) => {
    if (event === "customer:set:id") {
      papercups.setCustomerId(payload).fetchLatestConversation(payload);
    } else if (event === "customer:update") {
      papercups.updateCustomerMetadata(payload.customerId, payload.metadata);
    }
  });
  papercups.start().then(() => tellShell("chat:loaded"));
  return papercups;
};

const Window = () => {
  const [state, setState] = useState({ agents: [], messages: [], customerId: null });
  const papercups = useRef(null);
  useEffect(() => {
    papercups.current = start((change) => setState((before) => ({ ...before, ...change })));
  }, []);
  const send = (message) => papercups.current.sendNewMessage(message);
  return (
    <>
      <Availability agents={state.agents} />
      <Messages messages={state.messages} />
      <QuickReplies messages={state.messages} onSendMessage={send} />
      <ChatFooter config={{}} onSendMessage={send} />
    </>
  );
};

render(<Window />, root);
