// Puts the page together: the visitor's window on one side, what an agent sees on the other.

import { Agent } from "./agent.js";
import { byId, keepDrafts, restoreDrafts } from "./dom.js";
import { Visitor } from "./visitor.js";

/** Milliseconds until a server that did not answer is asked again. */
const RETRY_MS = 2000;

const CONNECTIONS = { visitor: false, agent: false, events: false };

function showStatus(name, isOpen) {
  CONNECTIONS[name] = isOpen;
  const isConnected = Object.values(CONNECTIONS).every(Boolean);
  byId("connection").textContent = isConnected ? "Connected" : "Connecting…";
  byId("connection").dataset.connected = String(isConnected);
}

function showHeader({ account, llm }) {
  for (const node of document.querySelectorAll("[data-account]")) {
    node.textContent = account.company_name;
  }
  byId("llm").textContent = llm === "none" ? "Rules and FAQ, no LLM" : `LLM: ${llm}`;
}

/** On a narrow screen one side is seen at a time. */
function showPane(pane) {
  document.body.dataset.pane = pane;
  for (const tab of document.querySelectorAll("[data-tab]")) {
    const isShown = tab.dataset.tab === pane;
    tab.setAttribute("aria-pressed", String(isShown));
    if (isShown) delete tab.dataset.news;
  }
}

const readConfig = async () => (await fetch("/demo/config")).json();

/** After a restart the demo has another account: only a page that is loaded anew knows it. */
async function lookForRestart(config) {
  const now = await readConfig();
  if (now.account.id === config.account.id) return;
  keepDrafts();
  location.reload();
}

async function start() {
  const config = await readConfig();
  showHeader(config);
  restoreDrafts();
  let visitor = null;
  const agent = new Agent(config, {
    onStatus: showStatus,
    onOpen: () => lookForRestart(config).catch(() => {}),
    onWork: (id, isAtIt) => visitor?.showWork(id, isAtIt),
  });
  visitor = new Visitor(config, {
    onStatus: (isOpen) => showStatus("visitor", isOpen),
    onConversation: (id) => agent.follow(id),
    onSeen: (id) => agent.lookAt(id),
    onNews: () => {
      const tab = document.querySelector('[data-tab="visitor"]');
      if (document.body.dataset.pane !== "visitor") tab.dataset.news = "true";
    },
  });
  for (const tab of document.querySelectorAll("[data-tab]")) {
    tab.addEventListener("click", () => {
      showPane(tab.dataset.tab);
      visitor.looked();
    });
  }
  agent.start();
  visitor.start();
}

function startWhenItIsThere() {
  start().catch(() => {
    byId("connection").textContent = "The server cannot be reached. Trying again…";
    setTimeout(startWhenItIsThere, RETRY_MS);
  });
}

startWhenItIsThere();
