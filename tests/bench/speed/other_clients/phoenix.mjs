// The reference client with an empty handler: node phoenix.mjs FILE, see ../peers.py.
// It answers a customer's shout as the yardstick does, and decides nothing.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const told = JSON.parse(readFileSync(process.argv[2], "utf8"));
const load = createRequire(`${told.folder}/`);
const { Socket } = load("phoenix");
const { WebSocket } = load("ws");

const socket = new Socket(told.socket, { params: { token: told.token }, transport: WebSocket });
socket.connect();
for (const topic of told.topics) {
  const channel = socket.channel(topic, {});
  channel.on("shout", (message) => {
    if (message.customer_id && topic.startsWith("conversation:")) {
      channel.push("messages:seen", {});
      channel.push("shout", told.reply);
    }
  });
  channel.join();
}
