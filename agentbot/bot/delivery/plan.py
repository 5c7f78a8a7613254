"""A decision as JSON: for the journal, and for whoever resumes a delivery half done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from agentbot.ops.redaction import redact_json
from agentbot.pipeline.decision import (
    Action,
    AddTag,
    Assign,
    Close,
    Decision,
    Handoff,
    Note,
    Notify,
    QuickReply,
    Reason,
    Reply,
    SetEmail,
    SetPriority,
    Silence,
    Snooze,
    TraceStep,
)

_DECISIONS: dict[str, type[Decision]] = {"reply": Reply, "handoff": Handoff, "silence": Silence}
_FIELDS = {type_: tuple(one.name for one in fields(type_)) for type_ in _DECISIONS.values()}
_ACTIONS: dict[str, type[Action]] = {
    "tag": AddTag,
    "assign": Assign,
    "priority": SetPriority,
    "close": Close,
    "snooze": Snooze,
    "note": Note,
    "notify": Notify,
    "email": SetEmail,
}


_WORD_FOR_WORD = ("text", "quick_replies", "source", "sources", "fires")
"""What of a decision the customer gets, or limits go by."""
_FOR_PEOPLE = frozenset({"note", "notify"})
"""The kinds of actions whose words are for people, and may hold an error's: they are sent without
secrets too."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """An action that was not carried out, by its place among the decision's, and why."""

    number: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for a turn, and how far it has come.

    ``done`` counts the actions dealt with: carried out, or ``skipped`` because they no longer
    fitted. ``begun`` says that the next one is under way: it may have been carried out already. The
    text comes before them, and whether it has left only the server can tell.

    ``assignee_id`` is whose the conversation was when it was decided. ``closed_at`` is when we
    closed it, by the server's clock, even where we have opened it again. ``assigned_to`` is the
    user whom we have assigned it to.
    """

    message_ids: tuple[str, ...]
    decision: Decision
    done: int = 0
    begun: bool = False
    skipped: tuple[Skipped, ...] = ()
    assignee_id: int | None = None
    closed_at: datetime | None = None
    assigned_to: int | None = None

    @property
    def next_action(self) -> Action | None:
        """The action that comes next, if any is left."""
        actions = self.decision.actions
        return actions[self.done] if self.done < len(actions) else None

    @property
    def closes(self) -> bool:
        """Whether the conversation is to be closed, or has been, and not left open after all."""
        skipped = {one.number for one in self.skipped}
        return any(
            isinstance(action, Close) and number not in skipped
            for number, action in enumerate(self.decision.actions)
        )

    def action_begun(self) -> Plan:
        """Return the plan with its next action under way."""
        return replace(self, begun=True)

    def action_done(self, unfit: Reason | None = None) -> Plan:
        """Return the plan with one action more behind it, skipped where it was ``unfit``."""
        skipped = () if unfit is None else (Skipped(self.done, unfit),)
        return replace(self, done=self.done + 1, begun=False, skipped=(*self.skipped, *skipped))

    def closed(self, at: datetime | None) -> Plan:
        """Return the plan that has closed the conversation at that time of the server's."""
        return replace(self, closed_at=at)

    def assigned(self, user_id: int | None) -> Plan:
        """Return the plan that has assigned the conversation to that user; None: to nobody."""
        return replace(self, assigned_to=user_id)

    @property
    def has_consequences(self) -> bool:
        """Whether something follows the text: an action, or that the decision is remembered."""
        decision = self.decision
        return bool(decision.actions or decision.fires) or isinstance(decision, Handoff)

    @property
    def text(self) -> str | None:
        """What is to be said, if anything."""
        return None if isinstance(self.decision, Silence) else self.decision.text

    def to_json(self) -> dict[str, Any]:
        """Return the plan as a JSON object, to be kept until the turn is settled.

        What is to be sent or done stands there as it is. No secret in use stands in the rest, such
        as reasons, which may hold an error's text: the store is kept, copied and shown.
        """
        return {
            "message_ids": list(self.message_ids),
            "decision": _without_secrets(decision_to_json(self.decision)),
            "done": self.done,
            "begun": self.begun,
            "skipped": [
                {"number": one.number, **redact_json(asdict(one.reason))} for one in self.skipped
            ],
            "assignee_id": self.assignee_id,
            "closed_at": None if self.closed_at is None else self.closed_at.isoformat(),
            "assigned_to": self.assigned_to,
        }

    @classmethod
    def from_json(cls, data: Any) -> Plan | None:  # noqa: ANN401 - any JSON may stand in a store
        """Return the plan that ``to_json`` wrote; None for what it did not write.

        A plan of another version of this program is no plan: the turn is then decided anew.
        """
        try:
            return cls(
                tuple(data["message_ids"]),
                _decision_from_json(data["decision"]),
                data["done"],
                data.get("begun", False),
                tuple(
                    Skipped(one["number"], Reason(one["code"], one["text"]))
                    for one in data.get("skipped", ())
                ),
                data.get("assignee_id"),
                None if (at := data.get("closed_at")) is None else datetime.fromisoformat(at),
                data.get("assigned_to"),
            )
        except (KeyError, TypeError, ValueError):
            return None


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Return ``decision`` as a JSON object, its trace included."""
    kind = next(name for name, type_ in _DECISIONS.items() if isinstance(decision, type_))
    data = {name: getattr(decision, name) for name in _FIELDS[type(decision)]}
    data["reason"] = _reason_to_json(decision.reason)
    data["actions"] = [_action_to_json(action) for action in decision.actions]
    data["trace"] = [
        {"name": step.name, "outcome": step.outcome, "reason": _reason_to_json(step.reason)}
        for step in decision.trace
    ]
    if isinstance(decision, Reply):
        data["quick_replies"] = [asdict(one) for one in decision.quick_replies]
    return {"kind": kind, **data}


def _reason_to_json(reason: Reason) -> dict[str, str]:
    return {"code": reason.code, "text": reason.text}


def _without_secrets(data: dict[str, Any]) -> dict[str, Any]:
    """Return a decision with no secret in use but in what is to be sent, or done, word for word."""
    exact = {key: data[key] for key in _WORD_FOR_WORD if key in data}
    actions = [
        redact_json(action) if action["kind"] in _FOR_PEOPLE else action
        for action in data["actions"]
    ]
    return {**redact_json(data), **exact, "actions": actions}


def skipped_to_json(decision: Decision, skipped: tuple[Skipped, ...]) -> list[dict[str, str]]:
    """Return which of the decision's actions were not carried out, and why, for the journal."""
    return [
        {"action": action_kind(decision.actions[one.number]), **asdict(one.reason)}
        for one in skipped
    ]


def action_kind(action: Action) -> str:
    """Return the name of an action's kind, as plans and the journal have it."""
    return next(name for name, type_ in _ACTIONS.items() if isinstance(action, type_))


def _action_to_json(action: Action) -> dict[str, Any]:
    kind = action_kind(action)
    if isinstance(action, Snooze):
        return {"kind": kind, "duration": action.duration.total_seconds()}
    return {"kind": kind, **asdict(action)}


def _decision_from_json(data: dict[str, Any]) -> Decision:
    fields = dict(data)
    type_ = _DECISIONS[fields.pop("kind")]
    fields["reason"] = Reason(**fields["reason"])
    fields["actions"] = tuple(_action_from_json(action) for action in fields["actions"])
    fields["fires"] = tuple(fields["fires"])
    fields["trace"] = tuple(
        TraceStep(step["name"], step["outcome"], Reason(**step["reason"]))
        for step in fields["trace"]
    )
    if "sources" in fields:
        fields["sources"] = tuple(fields["sources"])
    if "quick_replies" in fields:
        fields["quick_replies"] = tuple(QuickReply(**reply) for reply in fields["quick_replies"])
    return type_(**fields)


def _action_from_json(data: dict[str, Any]) -> Action:
    fields = dict(data)
    type_ = _ACTIONS[fields.pop("kind")]
    if type_ is Snooze:
        return Snooze(timedelta(seconds=fields["duration"]))
    return type_(**fields)
