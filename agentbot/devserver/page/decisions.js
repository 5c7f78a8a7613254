// A decision of the bot as a card: what it did, who said so, why, and how it came to that.

import { badge } from "./messages.js";
import { el, icon } from "./dom.js";

const OUTCOMES = {
  replied: { label: "Replied", icon: "reply" },
  handed_off: { label: "Handed off to people", icon: "people" },
  silent: { label: "Stayed silent", icon: "pause" },
  left: { label: "Left to people", icon: "inbox" },
};
const TOOK = "From hearing the message to the end of the turn";
const RESPONDERS = { rule: "Rule", faq: "FAQ", llm: "Language model", fallback: "Canned text" };
const STEPS = {
  pass: "passed on",
  passes: "nothing against it",
  silence: "kept out",
  reply: "answered",
  handoff: "handed off",
  error: "failed",
};

const OFFERED = { label: "Offered near questions", icon: "reply" };

// Only an offer speaks for the FAQ without naming the entry that it comes from.
const isOffer = ({ outcome, by, source }) => outcome === "replied" && by === "faq" && !source;

const outcomeOf = (decision) =>
  isOffer(decision)
    ? OFFERED
    : (OUTCOMES[decision.outcome] ?? { label: decision.outcome, icon: "inbox" });

/** The same decision comes again with every new connection. */
export const keyOf = (decision) =>
  `${decision.conversation_id} ${decision.message_ids.join(" ")} ${decision.settled_at}`;

export function decisionItem(decision) {
  const { label, icon: name } = outcomeOf(decision);
  const trace = decision.decision?.trace ?? [];
  const actions = decision.decision?.actions ?? [];
  return el(
    "li",
    { className: `decision ${decision.outcome}` },
    el(
      "div",
      { className: "decision-head" },
      icon(name),
      el("strong", {}, label),
      el("span", { className: "seconds", title: TOOK }, duration(decision.seconds)),
    ),
    el(
      "p",
      { className: "reason" },
      decision.by ? badge(sourceOf(decision), "accent") : null,
      sentence(decision.reason),
    ),
    actions.length ? el("p", { className: "actions" }, actions.map(actionChip)) : null,
    trace.length ? traceOf(trace) : null,
  );
}

function traceOf(trace) {
  const steps = trace.map((step) =>
    el(
      "li",
      { className: `step ${step.outcome}` },
      el("span", { className: "step-name" }, step.name),
      el("span", { className: "step-outcome" }, STEPS[step.outcome] ?? step.outcome),
      el("span", { className: "step-reason" }, step.reason?.text ?? ""),
    ),
  );
  const count = trace.length === 1 ? "1 step" : `${trace.length} steps`;
  return el(
    "details",
    {},
    el("summary", {}, icon("chevron"), "How it came to that", el("span", {}, ` · ${count}`)),
    el("ol", { className: "trace" }, steps),
  );
}

function sourceOf({ by, source, decision }) {
  const responder = RESPONDERS[by] ?? by;
  const sources = decision?.sources?.length ? decision.sources.join(", ") : source;
  return sources ? `${responder} · ${sources}` : responder;
}

const ACTIONS = {
  tag: ({ name }) => `tagged “${name}”`,
  assign: ({ email }) => `assigned to ${email}`,
  priority: ({ priority }) => (priority ? "marked as a priority" : "priority taken off"),
  close: () => "closed",
  snooze: ({ duration: seconds }) => `silent for ${Math.round(seconds / 60)} min`,
  note: () => "left a private note",
  email: () => "stored the e-mail address",
  notify: () => "told the webhook",
};

const actionChip = (action) => badge(ACTIONS[action.kind]?.(action) ?? action.kind);

const duration = (seconds) => {
  if (typeof seconds !== "number") return "";
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
};

const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) : "");
