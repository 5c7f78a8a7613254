"""Which rules may hold for a turn: what the text must hold for that is looked for in one pass.

Trying 2,000 rules one after the other takes 6 ms of the event loop, and most of them ask for a word
that nobody wrote. Here all their words are one automaton; a rule is tried only where a word of its
own was found, and always where it asks for none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heappop, heappush

from ahocorasick_rs import AhoCorasick

from agentbot.pipeline.facts import Facts
from agentbot.pipeline.own_messages import source_of
from agentbot.pipeline.rules.conditions import MatchInput
from agentbot.pipeline.rules.needs import Need, Where
from agentbot.pipeline.rules.rule import Rule

_Numbers = tuple[int, ...]


class RuleIndex:
    """Rules, found by what they ask for."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = tuple(rules)
        always: list[int] = []
        by_place: dict[Where | tuple[str, ...], dict[str, list[int]]] = {}
        for number, need in enumerate(_chosen(rules)):
            if need is None:
                always.append(number)
                continue
            by_text = by_place.setdefault(need.where, defaultdict(list))
            for text in need.texts:
                by_text[text].append(number)
        self._always = tuple(always)
        self._words = _Finder(by_place.pop(Where.FOLDED, {}))
        self._letters = _Finder(by_place.pop(Where.LINE, {}))
        self._facts = sorted(
            (min(map(min, by_text.values())), tuple(path), by_text)
            for path, by_text in by_place.items()
        )
        self._look_ups = {
            rule.id: number for number, rule in enumerate(rules) if rule.look_up is not None
        }

    def candidates(self, matched: MatchInput) -> Iterator[Rule]:
        """Yield the rules that may hold, in their order: every one that holds is among them."""
        numbers = set(self._always)
        numbers.update(self._words.found_in(matched.folded))
        if self._letters:
            numbers.update(self._letters.found_in(matched.line.casefold()))
        if self._look_ups:
            numbers.update(self._spoke_last(matched.facts))
        waiting = sorted(numbers)  # which is a heap
        for first, path, by_value in self._facts:
            # A fact may be dear: it is computed when the first rule that asks for it has its turn.
            while waiting and waiting[0] < first:
                yield self._rules[heappop(waiting)]
            for number in by_value.get(_value(matched.facts, path), ()):
                if number not in numbers:
                    heappush(waiting, number)
        while waiting:
            yield self._rules[heappop(waiting)]

    def _spoke_last(self, facts: Facts) -> Iterator[int]:
        """Yield the rules that may go on from what they said last (`looking_up.is_answered`)."""
        last = facts.turn.last_said
        for rule_id in source_of(last).split(", ") if last is not None else ():
            if (number := self._look_ups.get(rule_id)) is not None:
                yield number


class _Finder:
    """Texts, found in one pass over another one."""

    def __init__(self, by_text: Mapping[str, Sequence[int]]) -> None:
        self._numbers = tuple(map(tuple, by_text.values()))
        self._automaton = AhoCorasick(by_text) if by_text else None

    def __bool__(self) -> bool:
        return self._automaton is not None

    def found_in(self, text: str) -> Iterable[int]:
        """Return the numbers of all texts that stand in this one."""
        if self._automaton is None:
            return ()
        found = self._automaton.find_matches_as_indexes(text, overlapping=True)
        return {number for match in found for number in self._numbers[match[0]]}


def _chosen(rules: Sequence[Rule]) -> Iterator[Need | None]:
    """Yield by which need each rule is found: by the one that it shares with the fewest others."""
    needs = [tuple(need for one in rule.conditions for need in one.needs) for rule in rules]
    crowd = Counter((need.where, text) for own in needs for need in own for text in need.texts)

    def cost(need: Need) -> tuple[int, int]:
        texts = need.texts
        return sum(crowd[need.where, text] for text in texts), -min(map(len, texts))

    return (min(own, key=cost, default=None) for own in needs)


def _value(facts: Facts, path: tuple[str, ...]) -> str:
    """Return the text that a fact holds; "" for anything else."""
    value: object = facts[path[0]]
    for part in path[1:]:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""
