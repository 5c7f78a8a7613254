"""What of a model's text is meant for the customer: no thoughts, no marks of a chat template.

Servers are meant to take both out, and often do not. Thoughts stand between marks whose names
differ by model; sometimes one of the two marks is missing, since the template has written it or the
model never came to the end. What comes after the end of the model's turn is not its answer either:
small models go on with a customer's turn of their own making.
"""

from __future__ import annotations

import re


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_THOUGHT = (
    r"(?:[a-z]+:)?(?:think(?:ing)?|thoughts?|thought_process|(?:chain|train)_of_thought|reasoning"
    r"|reflection|analysis|scratchpad|(?:inner|internal)_?(?:monologue|thoughts?)|ant_?thinking"
    r"|deliberation|rationale|tool_?calls?|function_?calls?|tool_?(?:response|result)s?|invoke)"
)
"""The names of tags around what is not said; ``seed:think`` has a name before its own."""
_BRACKETED = r"(?-i:THINK(?:ING)?|THOUGHTS?|REASONING)"
"""The names in brackets. In small letters they are a customer's blank: "write [reasoning] here"."""
_TOOLS = r"tool_?calls?(?:_section)?"

_OPEN = _any(
    rf"(?:<|&lt;)\s*\|?\s*{_THOUGHT}\b[^<>|]{{0,80}}?\|?\s*(?:>|&gt;)",
    rf"\[{_BRACKETED}\]",
    rf"◁\s*{_THOUGHT}\s*▷",
    r"<details[^<>]*\btype=.?reasoning[^<>]*>",
    r"<(?:unused|ctrl)94>(?:thought)?",
    r"<\|(?:START_ACTION|python_tag)\|>|<\|(?![^<>|]{0,40}(?:end|stop|/))[^<>|]{0,40}(?:think|thought)"
    r"[^<>|]{0,40}\|>",
    rf"<\|{_TOOLS}_begin\|>|\[TOOL_CALLS\]",
    r"<\|channel>\s*(?:thought|analysis)",
    r"\A\s*Here(?: is|.s) my thought process:|\A\s*Here are my reasoning steps:",
)
_CLOSE = _any(
    rf"(?:<|&lt;)\s*\|?\s*/\s*{_THOUGHT}\s*\|?\s*(?:>|&gt;)",
    rf"\[/{_BRACKETED}\]",
    rf"◁\s*/\s*{_THOUGHT}\s*▷",
    r"<(?:unused|ctrl)95>",
    r"<\|END_ACTION\|>|<\|(?=[^<>|]{0,40}(?:end|stop|/))[^<>|]{0,40}(?:think|thought)[^<>|]{0,40}\|>",
    rf"<\|{_TOOLS}_end\|>",
    r"<channel\|>",
    r"Here(?: is|.s) my response:|\[BEGIN FINAL RESPONSE\]",
)
_DETAILS_END = _any(r"</details>")
_SELF_CLOSED = _any(rf"<\s*{_THOUGHT}\s*/\s*>")

_LIKE_THOUGHT = _any(
    r"think|thought|reason|reflect|scratch[_-]?pad|monolog|chain[_-]of|analys|deliberat|rational"
    r"|critique|brainstorm|^plan(?:ning)?$|^cot(?:_|$)|_cot(?:_|$)|^internal|^inner|^draft$"
    r"|^function|思考|推理"
)
"""What stands in the names of tags that models invent for their thoughts. By themselves such names
are a customer's blank ("write <reason> here"); around a text, with both marks, they are none."""
_TAG = re.compile(r"<\s*(/?)\s*([^\W\d][\w:.-]{0,40})((?:[\s=][^<>]{0,80})?)>")
_ESCAPED = _any(
    r"(?:\uff1c|&lt;|&#0*60;|&#x0*3c;|\\u003c)(\s*/?\s*[^\W\d][\w:.-]{0,40}\s*)"
    r"(?:\uff1e|&gt;|&#0*62;|&#x0*3e;|\\u003e)"
)
"""A tag whose brackets are written otherwise: wide, or as HTML and JSON write them."""
_HTML = _any(
    r"\A(?:a|abbr|b|big|blockquote|body|br|center|cite|code|d[dlt]|del|details|div|em|font|h[1-6r]|html"
    r"|i|img|ins|kbd|li|mark|ol|p|pre|[qsu]|small|span|strike|strong|su[bp]|summary|table|tbody|t[dhrt]"
    r"|thead|ul|var)\Z"
)
_BRACKETED_PAIR = _any(r"\[(think(?:ing)?|thoughts?|reasoning)\](?s:(?!\[\1\]).)*?\[/\1\]")
_SECTION = re.compile(
    r"\A\s*```[ \t]*(?:think|thought|reason|scratch)\w*[^\n]*\n.*?\n```[ \t]*(?:\n|\Z)"
    r"|\A\s*Thinking\.\.\.\n.*?\n\.\.\.\s?done thinking\.?"
    r"|\A\s*<details[^<>]*>\s*<summary>[^<>]*(?:think|thought|reason)[^<>]*</summary>.*?</details>"
    r"|\A[\s*#_]*(?:thinking|thoughts?|thought process|reasoning|chain of thought)[*_]*\s*:.*?"
    r"^[ \t*#_]{0,8}(?:final\s)?(?:answer|response|reply)[*_]*\s*:[*_]*",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
"""Thoughts at the beginning that are set apart as a block or by headings, with an answer after."""

_CHANNEL = _any(r"<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>")
"""How harmony, the format of gpt-oss, begins a message: only the channel ``final`` is said."""
_BARE_CHANNEL = re.compile(
    r"\A\s*(?:assistant)?(?:analysis|commentary)(?:.*?assistant\s*final|(?=[^a-z\s.,:;!?]).*)",
    re.DOTALL,
)
"""The same where the server has dropped the marks: ``analysisWe must …assistantfinalYes.``"""

_ROLE = r"(?:\s*(?:assistant|model|bot)\b\s*:?)?"
_START = _any(
    rf"<\|(?:im_start|start|turn)\|?>{_ROLE}",
    rf"<start_of_turn>{_ROLE}",
    r"<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>",
)
"""Marks before an answer, with the role that follows them."""
_END = _any(
    r"<\|(?:im_end|im_start|im_sep|eot|eot_id|eom_id|end|start|eos|return|call|user|system)\|>",
    r"<\|(?:endoftext|end_of_(?:text|turn|sentence|box|solution)|end_response|observation)\|>",
    r"<\|(?:END_OF_TURN_TOKEN|USER_TOKEN|SYSTEM_TOKEN|start_header_id)\|>|<turn\|>|<\|turn>",
    r"</s>|<eos>|<end_of_turn>|<start_of_turn>|<end_of_utterance>|<eo[dmt]>",
    r"\[/?INST\]|<</?SYS>>|\[EOS\]|\[END FINAL RESPONSE\]",
)
"""Marks after which the answer is over."""
_MARK = _any(
    r"<\|[^<>|]{0,60}\|>",
    r"</?s>|<(?:bos|eos|pad|unk|mask|sep|eo[dmt])>|</?(?:start|end)_of_(?:turn|utterance|image)>",
    r"\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|EOS|BOS|PAD)\]|<</?SYS>>",
    r"<unused\d+>|<0x[0-9a-f]{2}>|<turn\|>|<\|turn>|<channel\|>|<\|channel>",
    r"</?(?:answer|response|output|final(?:_answer)?|reply)>",
    r"\[(?:BEGIN|END) FINAL RESPONSE\]",
    r"</?co(?::\s?[\d,\s]{1,20})?>",  # a citation
    r"(?<!\S)/(?:no_)?think(?!\S)",  # a switch of the prompt, repeated
    r"<\|\w{0,40}\|?\Z",  # a mark that was cut off
)
"""Whatever templates mark with."""
_ROLE_FIRST = _any(
    r"\A\s*[*_]*<?(?:assistant|(?-i:AI|Bot))>?[*_]*\s*(?::|\n)[*_]*\s*",
    r"\A\s*#+\s*(?:assistant|response|answer)\s*(?::|\n)\s*",
)
_NEXT_TURN = re.compile(
    r"^\s*(?:#+\s*)?[*_]*(?:user|customer|human)[*_]*\s*:.*",
    re.IGNORECASE | re.DOTALL | re.MULTILINE,
)
"""A turn of the customer's after one that begins with its speaker: the model plays both."""
_WIDE = re.compile("<\uff5c([^<>\uff5c]{0,60})\uff5c>")
"""Marks of a family of models that writes the sign | wide, and a wide underscore within."""
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
"""Signs that no chat shows, and some databases refuse."""


_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Signs that show nothing, or turn what is shown around. Joiners stay: some scripts need them."""


def spoken(text: str) -> str:
    """Return what of a model's text is its answer; empty where there is none."""
    text = text.replace("\r\n", "\n").replace("<0x0A>", "\n")  # a line's end as a byte's token
    text = _narrow(_CONTROLS.sub("", text))
    text = _first_turn(_without_thoughts(_final_channel(text)))
    text = _MARK.sub("", text)
    said = _ROLE_FIRST.sub("", text, count=1)
    if said != text:
        said = _NEXT_TURN.sub("", said)
    return _unwrapped(said.strip())


def without_marks(text: str) -> str:
    """Return a customer's text without the marks of a chat template.

    Else small local servers would take it for a new system prompt. Nor does it keep signs that
    people do not see, and models read.
    """
    return _MARK.sub(" ", _narrow(_UNSEEN.sub("", text)))


def _narrow(text: str) -> str:
    return _WIDE.sub(lambda mark: f"<|{mark[1].replace(chr(0x2581), '_')}|>", text)


def _final_channel(text: str) -> str:
    channels = list(_CHANNEL.finditer(text))
    if not channels:
        return _BARE_CHANNEL.sub("", text)
    final = [channel for channel in channels if channel[1].lower() == "final"]
    return text[final[0].end() :] if final else ""


def _without_thoughts(text: str) -> str:
    text = _ESCAPED.sub(_unescaped, _SECTION.sub("", text, count=1))
    text = _BRACKETED_PAIR.sub("", _SELF_CLOSED.sub("", _without_pairs(text)))
    kept, place = [], 0
    while opening := _OPEN.search(text, place):
        kept.append(text[place : opening.start()])
        close = _DETAILS_END if opening[0].lower().startswith("<details") else _CLOSE
        closing = close.search(text, opening.end())
        # Where it never came to the end of its thoughts, they go on to the end of the text.
        place = closing.end() if closing else len(text)
    kept.append(text[place:])
    text = "".join(kept)
    # What is left of closing marks had its opening one in the template.
    closings = list(_CLOSE.finditer(text))
    return text[closings[-1].end() :] if closings else text


def _unescaped(tag: re.Match[str]) -> str:
    return f"<{tag[1]}>" if _LIKE_THOUGHT.search(tag[1].strip("/ ")) else tag[0]


def _without_pairs(text: str) -> str:
    """Return the text without what stands between two tags whose name is like a thought's."""
    kept, place, name, depth, start = [], 0, "", 0, 0
    for tag in _TAG.finditer(text):
        if depth == 0 and not tag[1] and _LIKE_THOUGHT.search(tag[2]):
            name, depth, start = tag[2].lower(), 1, tag.start()
        elif depth and tag[2].lower() == name:
            depth += -1 if tag[1] else 1
            if depth == 0:
                kept.append(text[place:start])
                place = tag.end()
    return "".join([*kept, text[place:]])


def _unwrapped(text: str) -> str:
    """Return the text without a tag around all of it that is not HTML's."""
    first = _TAG.match(text)
    if first is None or first[1] or _HTML.match(first[2]):
        return text
    closing = f"</{first[2]}>"
    inner = text[first.end() : len(text) - len(closing)]
    return inner.strip() if text.endswith(closing) and closing not in inner else text


def _first_turn(text: str) -> str:
    """Return the text from its beginning to the first mark that ends a turn."""
    place = 0
    while True:
        place = len(text) - len(text[place:].lstrip())
        mark = _START.match(text, place) or _MARK.match(text, place)
        if mark is None:
            break
        place = mark.end()
    ending = _END.search(text, place)
    return text[place : ending.start() if ending else len(text)]
