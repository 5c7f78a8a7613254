// What the hosted chat window shows and the packages' own parts do not.

// Whether anybody of the account is there: any user in the room's presence counts.
export const Availability = ({ agents }) => (
  <p role="status">{agents.length > 0 ? "We're online" : "We're away"}</p>
);

// The quick replies of the last message; one that is clicked is sent with its action.
export const QuickReplies = ({ messages, onSendMessage }) => {
  const last = messages[messages.length - 1];
  const offered = (last && !last.customer_id && last.metadata?.quick_replies) || [];
  return (
    <div role="group" aria-label="Suggested replies">
      {offered.map(({ text, action }) => (
        <button
          key={action}
          onClick={() => onSendMessage({ body: text, metadata: { reply_action: action } })}
        >
          {text}
        </button>
      ))}
    </div>
  );
};

// The agents in a presence, as the packages' own onPresenceSync handlers find them.
export const agentsIn = (presence) =>
  presence.list((_key, { metas: [first] }) => first).filter((meta) => meta.user_id);

export const root = document.getElementById("root");
export const options = Object.fromEntries(new URLSearchParams(location.search));
