// chat-widget: the shell in the shop's page; window.jsx is the page in its iframe.
import { ChatWidget } from "@papercups-io/chat-widget";
import { render } from "react-dom";

import { options, root } from "./extras.jsx";

render(
  <ChatWidget
    token={options.account}
    baseUrl={options.server}
    iframeUrlOverride={new URL("window.html", location.href).href}
    isOpenByDefault
  />,
  root,
);
