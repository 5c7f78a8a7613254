// What was said, as the hosted chat window shows it: with the same renderer of markdown, in which
// pictures, tables and HTML are left out (chat-window: components/ChatMessageBody.tsx). The list of
// chat-builder shows bodies as they are written.
import ReactMarkdown from "react-markdown";
import breaks from "remark-breaks";

const paragraph = ({ children }) => <div>{children}</div>;

export const Messages = ({ messages }) => (
  <section>
    {messages.map(({ id, body }, place) => (
      <ReactMarkdown
        key={id ?? place}
        source={body}
        disallowedTypes={["image", "imageReference", "table", "html"]}
        renderers={{ paragraph }}
        plugins={[breaks]}
      />
    ))}
  </section>
);
