"""tools.yaml: what is wrong in it is found when it is read, with its line and what to write."""

from __future__ import annotations

import pytest

from tests.support.tools import ORDER_STATUS, read_tools, tool


def test_a_tool_is_read() -> None:
    """With defaults for what is left out."""
    made = tool()
    assert (made.name, made.method, made.seconds, made.private) == ("order_status", "GET", 5, False)
    assert made.place == "tools.yaml:3"
    assert [field.name for field in made.fields] == ["id", "status"]
    assert made.headers[0].variables == ("SHOP_TOKEN",)
    assert made.samples == {"id": "sent", "status": "sent"}


def test_an_empty_file_declares_nothing() -> None:
    """As the example's, whose lines are all comments."""
    assert read_tools("# nothing yet") == ((), [])


def test_a_post_has_a_body() -> None:
    """With parameters in its texts."""
    made = tool(
        """
        tools:
          - name: stock
            about: How many there are.
            method: POST
            url: https://a.example/q
            body: {article: 'no-{article}', kind: stock}
            parameters: {article: {pattern: '[0-9]+'}}
            result: {left: {path: 0.left, type: integer}}
        """
    )
    assert made.body is not None
    assert made.body["article"].plainly({"article": "7"}) == "no-7"


_TOOL = """
tools:
  - name: {name}
    about: A.
    url: {url}
    {more}
    parameters: {parameters}
    result: {result}
"""


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "Order-Status"}, "tools.yaml:3: 'name' cannot be"),
        ({"url": "http://a.example/{o}"}, "tools.yaml:5: the URL begins with http://"),
        ({"url": "https://a.example/{p}"}, "tools.yaml:5: unknown parameter {p} (known: o)"),
        ({"url": "https://a.example/"}, "tools.yaml:7: the parameter 'o' is used nowhere"),
        ({"parameters": "{o: {required: false}}"}, "without 'o' the URL's path has a gap"),
        ({"parameters": "{o: {pattern: '(?=x)'}}"}, "tools.yaml:7: the regular expression '(?=x)'"),
        ({"parameters": "{o: {from: the sky}}"}, "'from' cannot be 'the sky' (write message"),
        ({"parameters": "{o: {from: message}}"}, "any word of a message would fit (add a pattern"),
        ({"parameters": "{o: {minimum: 1}}"}, "'minimum' and 'maximum' need a number"),
        ({"parameters": "{o: {type: integer, one_of: [a]}}"}, "need a text"),
        ({"parameters": "{o: {}, tool: {}}"}, "'tool' names the tool itself (rename it)"),
        ({"parameters": "{o: {type: text}}"}, "'type' cannot be 'text'"),
        ({"result": "{}"}, "'result'"),
        ({"result": "{a: x..y}"}, "tools.yaml:8: 'x..y' is no path"),
        ({"result": "{a: 'x.*.y'}"}, "* leads to a list (write type: list"),
        ({"more": "found: ' x'"}, "' x' is no path"),
        ({"more": "body: {a: b}"}, "'body' needs 'method: POST'"),
        ({"more": "timeout: 2m"}, "'timeout' is too long, or none (write 1s to 30s)"),
        ({"more": "timeout: 0s"}, "'timeout' is too long, or none"),
        ({"more": "max_bytes: 100000000"}, "'max_bytes'"),
        ({"more": "headers: {'Bad Name': x}"}, "tools.yaml:6: 'Bad Name' is no header's name"),
        ({"more": "headers: {Host: evil.example}"}, "the header 'Host' is agentbot's own"),
        ({"more": "headers: {X-A: 'ü'}"}, "plain ASCII alone"),
        ({"more": 'headers: {X-A: "a\\r\\nb"}'}, "plain ASCII alone"),
        ({"more": "headers: {X-A: '${TOKEN'}"}, "${ is not closed"),
        ({"more": "headers: {X-A: '${A}ü'}"}, "tools.yaml:6: headers hold plain ASCII alone"),
        ({"more": "headers: {X-A: '${A}-${B'}"}, "tools.yaml:6: ${ is not closed"),
        ({"more": "headers: {X-A: '${A}-${b}'}"}, "tools.yaml:6: 'b' is no variable's name"),
        ({"parameters": "{o: {type: boolean, from: message}}"}, "any word of a message would fit"),
        ({"more": "timeout: 31s"}, "'timeout' is too long, or none"),
        ({"more": "headers: {X-A: '${token}'}"}, "write it in capitals"),
        ({"more": "headers: {X-A: '${}'}"}, "no variable's name"),
        ({"more": "headers: {X-A: '${PAPERCUPS_PASSWORD}'}"}, "no other system's business"),
        ({"more": "headers: {X-A: '${OPENAI_API_KEY}'}"}, "no other system's business"),
        ({"more": "hedaers: {}"}, "unknown key 'hedaers' (did you mean 'headers'?)"),
    ],
)
def test_each_mistake_is_named(changed: dict[str, str], said: str) -> None:
    """Once, with the file and the line."""
    usual = {
        "name": "status",
        "url": "https://a.example/{o}",
        "more": "timeout: 5s",
        "parameters": "{o: {pattern: '[a-z]+'}}",
        "result": "[x]",
    }
    made, problems = read_tools(_TOOL.format(**(usual | changed)))
    assert made == ()
    assert len(problems) == 1
    assert said in problems[0]
    assert problems[0].startswith("tools.yaml:")


def test_names_are_unique() -> None:
    """A rule must know whom it asks."""
    _, problems = read_tools(ORDER_STATUS + ORDER_STATUS.split("tools:")[1])
    (problem,) = problems
    assert problem.endswith("(the first is in tools.yaml:3; every one needs its own)")
    assert "the name 'order_status' is used twice" in problem


def test_a_body_names_known_parameters_only() -> None:
    """As the URL does."""
    _, problems = read_tools(
        """
        tools:
          - name: a
            about: A.
            method: POST
            url: https://a.example/
            body: {x: '{y}', z: '{'}
            result: [x]
        """
    )
    assert problems == ["tools.yaml:7: a brace stands alone (write a parameter as {name})"]
    _, problems = read_tools(
        """
        tools:
          - name: a
            about: A.
            method: POST
            url: https://a.example/
            body: {x: '{y}'}
            result: [x]
        """
    )
    assert problems == ["tools.yaml:7: unknown parameter {y}"]


_SERVER = """
servers:
  - {{name: shop, {server}}}
tools:
  - {{name: a, about: A., {tool}, result: [x]}}
"""


@pytest.mark.parametrize(
    ("server", "tool", "said"),
    [
        ("command: [x]", "server: shop", ""),
        ("'url': 'https://a.example/mcp'", "server: shop, tool: b", ""),
        ("command: [x]", "server: ship", "tools.yaml:5: there is no server 'ship' (did you mean"),
        ("command: [x]", "method: GET", "either 'url' or 'server'"),
        ("command: [x]", "server: shop, url: 'https://a.example'", "either 'url' or 'server'"),
        *(
            ("command: [x]", f"server: shop, {given}", f"'{given.split(':')[0]}' is the server's")
            for given in (
                "private: true",
                "method: POST",
                "headers: {X-A: b}",
                "allow_http: true",
            )
        ),
        ("command: [x], headers: {X-A: b}", "server: shop", "a program has no headers and no host"),
        ("command: [x], allow_http: true", "server: shop", "a program has no headers and no host"),
        (
            "url: 'https://a.example/{x}'",
            "server: shop",
            "tools.yaml:3: the address of a server has no parameters (leave them out)",
        ),
        ("command: [x]", "url: 'https://a.example', tool: b", "'tool' stands without 'server'"),
        ("private: true", "server: shop", "tools.yaml:3: how to reach it must be said once"),
        ("command: [x], private: true", "server: shop", "a program has no headers and no host"),
        ("command: [x], env: {'A-B': x}", "server: shop", "'A-B' is no variable's name"),
        ("command: [x], env: {A: '${b}'}", "server: shop", "write it in capitals"),
        ("url: 'https://a.example', env: {A: b}", "server: shop", "has no environment"),
        ("url: 'https://a.example/{x}'", "server: shop", "has no parameters (leave them out)"),
        ("url: 'http://a.example/'", "server: shop", "all can read along"),
        ("url: 'https://a.example', headers: {Host: x}", "server: shop", "agentbot's own"),
        ("command: [x], env: {A: '${OPENAI_API_KEY}'}", "server: shop", "no other system's"),
    ],
)
def test_servers_are_checked(server: str, tool: str, said: str) -> None:
    """As hosts are: with the file and the line."""
    made, problems = read_tools(_SERVER.format(server=server, tool=tool))
    assert len(problems) == (1 if said else 0), problems
    assert said in "".join(problems)
    assert bool(made) is not bool(said)


def test_a_tool_may_take_as_long_as_half_a_minute() -> None:
    """And asks a server as a POST does: nobody knows what it changes."""
    made = tool(
        """
        servers:
          - {name: shop, command: [x]}
        tools:
          - {name: a, about: Says it., server: shop, timeout: 30s, result: [status]}
        """
    )
    assert (made.seconds, made.method) == (30, "POST")


def test_numbers_of_a_message_need_no_pattern() -> None:
    """Their type says which words fit; whole numbers and others have bounds."""
    for kind in ("integer", "number"):
        made = tool(
            f"""
            tools:
              - name: a
                about: Says it.
                url: https://a.example/{{o}}
                parameters: {{o: {{type: {kind}, minimum: 1, maximum: 9, from: message}}}}
                result: [status]
            """
        )
        assert list(made.parameters) == ["o"]


def test_each_server_has_a_name_of_its_own() -> None:
    """The second of one name is told, with the first."""
    _, problems = read_tools(
        """
        servers:
          - {name: shop, command: [x]}
          - {name: shop, command: [y]}
        tools: []
        """
    )
    (told,) = problems
    assert told.startswith("tools.yaml:4: the name 'shop' is used twice (the first is in")
