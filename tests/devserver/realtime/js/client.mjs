// The reference client against the devserver: an agent and a customer, each on a socket of its
// own. Prints what it saw as one JSON object.
import { Presence, Socket } from "phoenix";
import WebSocket from "ws";

const scene = JSON.parse(process.argv[2]);
const endpoint = `${scene.url.replace("http", "ws")}/socket`;

const openSocket = (params) => {
  const socket = new Socket(endpoint, { transport: WebSocket, params });
  socket.connect();
  return socket;
};

const answered = (push) =>
  new Promise((resolve) => {
    for (const status of ["ok", "error", "timeout"]) {
      push.receive(status, (response) => resolve({ status, response }));
    }
  });

const once = (channel, event) => new Promise((resolve) => channel.on(event, resolve));

const whenPresent = (presence, key) =>
  new Promise((resolve) => presence.onSync(() => key in presence.state && resolve()));

const agent = openSocket({ token: scene.token });
const notification = agent.channel(`notification:${scene.account_id}`, {});
const customerKey = `customer:${scene.customer_id}`;
const userKey = `user:${scene.user_id}`;
const present = new Presence(notification);
const customerSeen = whenPresent(present, customerKey);
const joined = { notification: (await answered(notification.join())).status };

const visitor = openSocket({});
const room = visitor.channel(`room:${scene.account_id}`, {});
const roomPresence = new Presence(room);
const agentSeen = whenPresent(roomPresence, userKey);
joined.room = (await answered(room.join())).status;
await agentSeen;

const conversation = visitor.channel(`conversation:${scene.conversation_id}`, {
  customer_id: scene.customer_id,
});
joined.conversation = (await answered(conversation.join())).status;
await customerSeen;

const question = once(notification, "shout");
conversation.push("shout", { body: "question", customer_id: scene.customer_id });
const asked = await question;

const answer = new Promise((resolve) =>
  conversation.on("shout", (message) => message.user_id !== null && resolve(message)),
);
const reply = notification.push("shout", {
  conversation_id: asked.conversation_id,
  body: "answer",
});
const confirmed = (await answered(reply)).status;
const told = await answer;

const left = once(notification, "presence_diff");
await answered(conversation.leave());
await left;

console.log(
  JSON.stringify({
    joined,
    asked: asked.body,
    confirmed,
    told: told.body,
    agents_in_room: Object.keys(roomPresence.state),
    present_after_leave: Object.keys(present.state),
    vsn: agent.vsn,
  }),
);
agent.disconnect();
visitor.disconnect();
