"""The e-mail address that a customer gives: found in what they wrote, with what else they said.

An address is taken where the bot has asked for it, or where a message is nothing but one; and only
where none is known, for what people or the customer's own page have set stands.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from agentbot.pipeline.decision import Decision, Reason, Reply, SetEmail, Silence
from agentbot.pipeline.turn import Turn

ASKED_EMAIL = "ask_email"
"""The key under which it is remembered that a conversation was asked for an e-mail address."""
ASKED_EMAIL_AGAIN = "ask_email_again"
"""The key under which it is remembered that what came was no address, and that this was said."""

_MAX_ADDRESS = 254
"""Characters of an address: what mail servers take, and the server's column holds."""
_MAX_TEXT = 2_000
"""Characters in which an address is looked for: nobody hides the one that they give."""
_FEW_WORDS = 6
"""Words beside an address that are no question of their own: "you can reach me at", "my e-mail
is", in any language."""
_FEW_BROKEN = 3
"""Words beside what may be a broken address: more are a sentence with an @ in it."""

_ADDRESS = re.compile(
    r"""(?<![\w.%+@-])
    (?:mailto:)?
    (?P<address>
      [\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*
      @(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}
    )
    (?![\w@-])(?!\.\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_ATTEMPT = re.compile(
    r"\S*\w\s?@\s?\S*|@\S*\w\S*|\S+\s*[(\[{]\s*at\s*[)\]}]\s*\S+|\S+ at \S+\.\w{2,}\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class GivenAddress:
    """An address, and what else was written. ``is_alone``: nothing that wants an answer."""

    address: str
    rest: str
    is_alone: bool


def given_address(turn: Turn) -> GivenAddress | None:
    """Return the address that the customer gives with this turn; None where none is to be taken."""
    if turn.customer.email:
        return None
    text = _readable(turn)
    if "@" not in text:
        return None
    found = next((one for one in _ADDRESS.finditer(text) if _is_short(one["address"])), None)
    if found is None:
        return None
    rest = f"{text[: found.start()]} {text[found.end() :]}".strip(" \t\r\n<>()[]\"'.,;:!-")
    words = len(_WORD.findall(rest))
    if ASKED_EMAIL not in turn.memory.fired and words > 0:
        return None
    if words == 0:
        return GivenAddress(found["address"], "", is_alone=True)
    is_alone = words <= _FEW_WORDS and "?" not in rest
    return GivenAddress(found["address"], rest, is_alone=is_alone)


def is_broken_address(turn: Turn) -> bool:
    """Say whether the customer has tried to give the address that they were asked for.

    Once: whoever was told so and writes on has something else to say.
    """
    fired = turn.memory.fired
    if turn.customer.email or ASKED_EMAIL not in fired or ASKED_EMAIL_AGAIN in fired:
        return False
    text = _readable(turn)
    if given_address(turn) is not None:
        return False
    attempt = _ATTEMPT.search(text)
    if attempt is None or "?" in text:
        return False
    rest = text[: attempt.start()] + text[attempt.end() :]
    return len(_WORD.findall(rest)) <= _FEW_BROKEN


def email_actions(turn: Turn) -> tuple[SetEmail, ...]:
    """Return the action that stores the address given, where one is; it is never lost."""
    given = given_address(turn)
    return () if given is None else (SetEmail(given.address),)


def without_address(turn: Turn, given: GivenAddress) -> Turn:
    """Return the turn as the responders see it: what else was written, by a customer with an
    address, whom nobody need ask for one."""
    *earlier, last = turn.messages
    with_files = (replace(one, text="") for one in earlier if one.attachments)
    return replace(
        turn,
        messages=(replace(last, text=given.rest), *with_files),
        customer=replace(turn.customer, email=given.address),
    )


def take_address(given: GivenAddress, decision: Decision | None, thanks: str | None) -> Decision:
    """Return the decision that stores the address as well, and thanks for it in front of its words.

    ``decision`` of None: there is nothing else to say.
    """
    store = SetEmail(given.address)
    if decision is None or decision_is_small_talk(decision):
        reason = Reason("email", "the customer gave their e-mail address")
        if thanks is None:
            return Silence(reason=reason, actions=(store,))
        return Reply(reason=reason, text=thanks, by="rule", source="email", actions=(store,))
    actions = (store, *decision.actions)
    if isinstance(decision, Silence) or thanks is None:
        return replace(decision, actions=actions)
    text = f"{thanks}\n\n{decision.text}" if decision.text else thanks
    return replace(decision, text=text, actions=actions)


def decision_is_small_talk(decision: Decision) -> bool:
    """Say whether it answers "thanks" and the like, which thanks for the address do as well."""
    return isinstance(decision, Reply) and decision.source.startswith("small_talk/")


def broken_address(text: str) -> Reply:
    """Return the question back, once."""
    return Reply(
        reason=Reason("email_unclear", "what came is no whole e-mail address"),
        text=text,
        by="rule",
        source="email",
        fires=(ASKED_EMAIL_AGAIN,),
    )


def _readable(turn: Turn) -> str:
    """Return the text with full-width signs and the like made plain."""
    return unicodedata.normalize("NFKC", turn.text[:_MAX_TEXT])


def _is_short(address: str) -> bool:
    return len(address) <= _MAX_ADDRESS
