"""The texts of an operator's files, compiled and tried before a customer reads them."""

from __future__ import annotations

from collections.abc import Mapping

from agentbot.pipeline.files.problems import Problems
from agentbot.pipeline.files.templates import Template, TemplateProblem
from agentbot.pipeline.files.yaml import Path_, YamlFile
from agentbot.pipeline.known_facts import sample_facts, text_roots


def compile_template(
    source: str,
    file: YamlFile,
    path: Path_,
    problems: Problems,
    *,
    company: Mapping[str, str] | None = None,
    more: Mapping[str, Mapping[str, object] | None] | None = None,
) -> Template | None:
    """Compile a text and try it on sample facts; None with the problem noted.

    ``more`` holds samples of what this text alone may use, by root and field; None: any field.
    """
    known = dict(text_roots(company or {}))
    samples = sample_facts(company)
    for root, fields in (more or {}).items():
        known[root] = None if fields is None else frozenset(fields)
        samples[root] = fields or {}
    try:
        template = Template(source, known)
        template.render(samples)
    except TemplateProblem as error:
        if "has no attribute" in error.problem:  # a metadata key: only a real customer has it
            return Template(source, known)
        problems.add(file.place_in_text(*path, line=error.line), error.problem, error.remedy)
        return None
    return template
