// chat-builder: a whole chat in the shop's own page, put together from the parts it exports.
import {
  ChatBody,
  ChatBuilder,
  ChatFooter,
  ChatHeader,
  ChatToggle,
} from "@papercups-io/chat-builder";
import { render } from "react-dom";

import { Availability, options, QuickReplies, root } from "./extras.jsx";

const header = (props) => (
  <>
    <ChatHeader {...props} />
    <Availability agents={props.state.availableAgents} />
  </>
);

const footer = (props) => (
  <>
    <QuickReplies messages={props.state.messages} onSendMessage={props.onSendMessage} />
    <ChatFooter {...props} />
  </>
);

render(
  <ChatBuilder
    config={{ accountId: options.account, baseUrl: options.server }}
    isOpenByDefault
    header={header}
    body={(props) => <ChatBody {...props} />}
    footer={footer}
    toggle={({ state, onToggleOpen }) => (
      <ChatToggle isOpen={state.isOpen} onToggleOpen={onToggleOpen} />
    )}
  />,
  root,
);
