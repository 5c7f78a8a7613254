"""URLs with parameters: no value leaves its place, and no template leaves room for one."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentbot.pipeline.tools.address import Address, AddressProblem, is_speakable

_URL = "https://shop.example.com:8443/api/v1/orders/no-{order}/items?mail={mail}&lang=en&q=x-{q}"


@given(order=st.text(), mail=st.text(), q=st.text())
@example(order="..", mail="", q="")
@example(order="../../admin", mail="a&b=c", q="#")
@example(order="%2e%2e%2fadmin", mail="a=b&c", q="?x=1")
@example(order="@evil.example", mail="\r\nHost: evil", q="\x00")
@example(order="x;y?z#w", mail="+ &", q="\u2028")
def test_no_parameter_leaves_its_place(order: str, mail: str, q: str) -> None:
    """Host, path and query have the template's shape, and hold the values as they are."""
    try:
        url = Address.parse(_URL).fill({"order": order, "mail": mail, "q": q})
    except AddressProblem:
        assert not order.strip() or not order.isprintable() or {"/", "\\"} & set(order)
        return
    for parts in (urlsplit(url), urlsplit(str(httpx2.URL(url)))):
        assert (parts.scheme, parts.netloc) == ("https", "shop.example.com:8443")
        assert parts.fragment == ""
        *before, filled, after = parts.path.split("/")
        assert (before, after) == (["", "api", "v1", "orders"], "items")
        assert unquote(filled) == f"no-{order}"
        pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=3)
        assert pairs == [("mail", mail), ("lang", "en"), ("q", f"x-{q}")]


@given(value=st.text(alphabet="./\\%2eEfF5c \t", max_size=8))
def test_a_part_of_a_path_is_never_a_way_up(value: str) -> None:
    """Neither written out, nor encoded, nor with a slash that a server may decode."""
    try:
        url = Address.parse("https://a.example/x/{v}").fill({"v": value})
    except AddressProblem:
        return
    assert unquote(url).rpartition("/x/")[2].strip() not in {".", "..", ""}
    assert "/" not in value
    assert "\\" not in value
    assert httpx2.URL(url).raw_path.count(b"/") == 2


def test_a_pair_without_its_value_is_left_out() -> None:
    """And so is the question mark, where nothing follows."""
    address = Address.parse("https://a.example/o?mail={mail}&x={x}")
    assert address.fill({"x": "1"}) == "https://a.example/o?x=1"
    assert address.fill({}) == "https://a.example/o"
    assert address.names == {"mail", "x"}
    assert not address.in_path


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("shop.example.com/o", "begins with no https://"),
        ("ftp://shop.example.com/o", "begins with no https://"),
        ("https:shop.example.com/o", "begins with no https://"),
        ("http://shop.example.com/o", "all can read along"),
        ("https://{host}/o", "a parameter stands in the host"),
        ("https://{a.example/o", "a parameter stands in the host"),
        ("https://a}.example/o", "a parameter stands in the host"),
        ("https://a.example/{a}-{B}", "names no parameter"),
        ("https://a.example/{a}-}", "a brace stands alone"),
        ("https://a.example/?a}=1", "has no fixed key"),
        ("https://a.example/?{a=1", "has no fixed key"),
        ("https://shop.example.com:{port}/o", "no URL"),
        ("https://api.{host}.com/o", "a parameter stands in the host"),
        ("https://bot:secret@shop.example.com/", "a user or a password"),
        ("https://shop.example.com\\@evil.example/", "a blank, or a sign"),
        ("https://shop.example.com /", "a blank, or a sign"),
        ("https://shop.example.com/o#x", "has no #"),
        ("https://shop.example.com./", "no host's name"),
        ("https://2130706433/", "no host's name"),
        ("https://0x7f000001/", "no host's name"),
        ("https://0177.0.0.1/", "no host's name"),
        ("https://127.1/", "no host's name"),
        ("https://10.0.0.0x1/", "no host's name"),
        ("https://-x.example/", "no host's name"),
        ("https:///o", "no host's name"),
        ("https://bücher.example/", "is not in ASCII"),
        ("https://shop.example.com:99999/", "no URL"),
        ("https://shop.example.com:0/", "no port 0"),
        ("https://[::1/", "no URL"),
        ("https://a.example/x/../y", "goes up"),
        ("https://a.example/x/%2E%2e/y", "goes up"),
        ("https://a.example/{}", "names no parameter"),
        ("https://a.example/{Order}", "names no parameter"),
        ("https://a.example/{order", "a brace stands alone"),
        ("https://a.example/?{q}", "has no fixed key"),
        ("https://a.example/?{q}=1", "has no fixed key"),
        ("https://a.example/?a=1&&b=2", "has no fixed key"),
    ],
)
def test_what_leaves_room_is_refused(url: str, problem: str) -> None:
    """When the file is read."""
    with pytest.raises(AddressProblem, match=problem):
        Address.parse(url)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Shop.Example.com/", ("https", "shop.example.com", 443)),
        ("http://10.0.0.5:8080/x", ("http", "10.0.0.5", 8080)),
        ("https://[FD00::0001]/", ("https", "fd00::1", 443)),
        ("https://xn--bcher-kva.example", ("https", "xn--bcher-kva.example", 443)),
        ("https://under_score.internal", ("https", "under_score.internal", 443)),
    ],
)
def test_a_host_is_read_in_one_way(url: str, origin: tuple[str, str, int]) -> None:
    """In small letters, with its port, and addresses in their usual form."""
    address = Address.parse(url, allow_http=True)
    assert address.origin == origin
    filled = httpx2.URL(address.fill({}))
    assert (filled.scheme, filled.raw_host.decode()) == origin[:2]
    assert filled.port in {None, origin[2]}


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/api/v1/x~y,z;k=1/@me/$all/(o)!*'+:=&/o.json",
        "https://a.example/o?fields=id,status&q=a:b/c?d&e=%20f",
        "https://a.example/a%20b/%C3%A9",
        "http://a.example:8080/o",
        "http://a.example/o",
    ],
)
def test_what_is_written_stays_as_it_is(url: str) -> None:
    """An address without parameters is asked as it stands."""
    assert Address.parse(url, allow_http=True).fill({}) == url


def test_a_name_is_no_longer_than_names_are() -> None:
    """253 characters (RFC 1035)."""
    label = "a" * 49
    longest = ".".join([label] * 5 + ["abc"])
    assert len(longest) == 253
    assert Address.parse(f"https://{longest}/").origin[1] == longest
    with pytest.raises(AddressProblem, match="no host's name"):
        Address.parse(f"https://{longest}d/")


def test_a_part_may_hold_several_parameters() -> None:
    """Each by its name, in its place."""
    address = Address.parse("https://a.example/{a}-{b}-{c}?a=b=c")
    assert address.in_path == {"a", "b", "c"}
    filled = address.fill({"a": "1", "b": "2", "c": "3"})
    assert filled == "https://a.example/1-2-3?a=b=c"


@pytest.mark.parametrize("sign", ["\x07", "\ud800", "\u2028", "\u2029"])
def test_what_nobody_writes_is_not_sent(sign: str) -> None:
    """Controls, halves of signs, ends of lines and paragraphs."""
    assert not is_speakable(f"a{sign}b")
    assert is_speakable("Zoë \N{PACKAGE}")


@pytest.mark.parametrize(
    ("host", "remedy"),
    [("bücher.example", "write it as xn--bcher-kva.example"), ("ü" * 64, "as name servers know")],
)
def test_a_host_that_is_not_ascii_is_told_in_ascii(host: str, remedy: str) -> None:
    """Where it can be."""
    with pytest.raises(AddressProblem) as refused:
        Address.parse(f"https://{host}/")
    assert remedy in refused.value.remedy
