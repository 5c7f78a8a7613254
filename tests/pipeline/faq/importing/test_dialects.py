"""What generators of help pages add, pipeline/faq/importing/dialects.py: plain, or taken out."""

from __future__ import annotations

import pytest

from agentbot.pipeline.faq.importing.dialects import plain_markdown, unknown_value
from agentbot.pipeline.faq.importing.markdown import read_markdown
from tests.support.growth import LINEAR, growth


def body(text: str) -> str:
    """Return the body of a page with one section."""
    (section,) = read_markdown(text).sections
    return section.body


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("export const x = {\n  secret: 1,\n};\n\na", "a"),
        ("import {\n  Secret,\n} from 'x'\n\na", "a"),
        ("export default settings\na", "a"),
        (
            "import duties (see below) = 3 %\nare yours",
            "import duties (see below) = 3 %\nare yours",
        ),
        ("a %% SECRET\nSECRET %% b", "a \n b"),
        ("See [[Returns|our returns]], [[Terms]] ![[a.png]]\n^name", "See our returns, Terms"),
        ("==now== a == b", "now a == b"),
        ("a :tada: at 10:30:15 :b", "a at 10:30:15 :b"),
        ("a [[toc]] b\n<<< @/x.js", "a  b"),
        (
            '=== "Norway"\n    Nine.\n\n=== "Sweden"\n\n    Ten.',
            "**Norway**\nNine.\n\n**Sweden**\n\nTen.",
        ),
        ("% Title\n% Author\n\na", "a"),
        ("100 % wool\n% of all", "100 % wool\n% of all"),
        ("`{{< param x >}} [[a]] :b:`", "`{{< param x >}} [[a]] :b:`"),
    ],
)
def test_what_a_generator_adds_is_plain_or_gone(text: str, seen: str) -> None:
    """Scripts, comments, links, tabs; code stays as it stands."""
    assert body(text) == seen


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It costs {{ site.price }} euro.", "{{ site.price }}"),
        ('It costs {{< param "price" >}}.', '{{< param "price" >}}'),
        ("It costs {props.price}.", "{props.price}"),
        ("It costs {{ company.price }}; open {{ opening_hours }}.", ""),
        ("Put it into {braces} or ${x.y}.", ""),
    ],
)
def test_a_value_that_only_the_generator_knows_is_found(text: str, value: str) -> None:
    """An answer with a hole in it says something else."""
    assert unknown_value(plain_markdown(text)) == value


@pytest.mark.parametrize(
    "piece", ["%%", "[[a", "==a", ":a", "{{<", "**a", "Q: a\n", "{a.a", "import a "]
)
def test_a_page_is_read_in_linear_time(piece: str) -> None:
    """Whatever stands in it."""

    def work(size: int) -> object:
        text = piece * (size // len(piece))
        return plain_markdown(text), unknown_value(text)

    assert growth(work, size=6_000) < LINEAR
