"""Where the proof of each module stands: in the test module of its name, or in one named here."""

from __future__ import annotations

from pathlib import Path

FLOORS = ("bot", "pipeline", "state", "phoenix", "papercups")
"""The floors whose every module has its proof."""

_TYPES = ""
"""The place of what only holds data or names a protocol: there is nothing in it to go wrong."""

ELSEWHERE: dict[str, str] = {
    "bot/delivery/result.py": _TYPES,
    "bot/delivery/text.py": "bot/delivery/test_delivery_text.py",
    "bot/turns/reader.py": "bot/test_conversations.py",
    "bot/turns/thinking.py": "bot/turns/test_attempt_deciding.py",
    "bot/turns/window.py": "bot/turns/test_attempt_window.py",
    "papercups/customer_rest.py": "papercups/test_customer.py",
    "papercups/events.py": _TYPES,
    "papercups/http.py": "papercups/test_api.py",
    "papercups/responses.py": "papercups/test_rest.py",
    "papercups/translate.py": "papercups/test_models.py",
    "papercups/waiting.py": "papercups/test_agent_speaking.py",
    "phoenix/channel.py": "phoenix/test_socket_joining.py",
    "phoenix/driver.py": "phoenix/test_websocket.py",
    "phoenix/events.py": _TYPES,
    "phoenix/options.py": _TYPES,
    "phoenix/outbox.py": "phoenix/test_socket.py",
    "phoenix/transport.py": _TYPES,
    "pipeline/checks/draft.py": _TYPES,
    "pipeline/checks/judging/prior.py": "bench/test_grounding.py",
    "pipeline/languages/confirming.py": "pipeline/checks/consistency/test_confirming.py",
    "pipeline/deciding.py": "pipeline/test_pipeline.py",
    "pipeline/decision.py": _TYPES,
    "pipeline/own_words.py": "pipeline/test_pipeline.py",
    "pipeline/known_facts.py": "pipeline/test_facts.py",
    "pipeline/faq/importing/outcome.py": "pipeline/faq/importing/test_rows.py",
    "pipeline/faq/outcomes.py": _TYPES,
    "pipeline/faq/judging/prior.py": "bench/test_faq_triage.py",
    "pipeline/files/calibration.py": "pipeline/faq/judging/test_calibration.py",
    "pipeline/faq/questions/wordings.py": "pipeline/faq/test_matcher.py",
    "pipeline/files/models.py": "pipeline/test_prompts.py",
    "pipeline/files/texts.py": "pipeline/test_prompts.py",
    "pipeline/files/rules.py": "pipeline/rules/test_compiler.py",
    "pipeline/files/problems.py": "pipeline/files/test_yaml.py",
    "pipeline/llm/model.py": _TYPES,
    "pipeline/model_responder.py": "pipeline/llm/test_responder.py",
    "pipeline/faq_responder.py": "pipeline/knowledge/test_offering.py",
    "pipeline/lookups.py": _TYPES,
    "pipeline/texts.py": "pipeline/test_prompts.py",
    "pipeline/reading.py": "pipeline/test_pipeline.py",
    "pipeline/reserved.py": "pipeline/test_pipeline_reserved.py",
    "pipeline/rule_responders.py": "pipeline/test_pipeline.py",
    "pipeline/responder.py": "typing/test_responders.py",
    "pipeline/rules/cel.py": "pipeline/rules/test_conditions.py",
    "pipeline/rules/compiler.py": "pipeline/rules/test_responder.py",
    "pipeline/rules/rule.py": "pipeline/rules/test_responder.py",
    "pipeline/rules/texts.py": "pipeline/rules/test_compiler.py",
    "pipeline/tools/file.py": "pipeline/tools/test_compiler.py",
    "pipeline/tools/tool.py": "pipeline/tools/test_toolbox.py",
    "state/postgres/migrate.py": "state/test_migrations.py",
    "state/sqlite/copy.py": "state/test_copy.py",
    "state/sqlite/erasure.py": "state/test_contract.py",
    "state/sqlite/rows.py": "state/postgres/test_copy.py",
    "state/sqlite/settling.py": "state/test_contract.py",
    "state/sqlite/times.py": "state/test_contract.py",
    "state/store.py": "state/test_contract.py",
}
"""By module under agentbot/: the test module, under tests/, in which its proof stands."""


def unproven(agentbot: Path, tests: Path) -> list[str]:
    """Return the modules of ``agentbot`` that no module of ``tests`` stands for."""
    found = []
    for floor in FLOORS:
        for path in sorted((agentbot / floor).rglob("*.py")):
            place = path.relative_to(agentbot)
            if path.name == "__init__.py" or place.as_posix() in ELSEWHERE:
                continue
            folder = tests / place.parent
            # A module with much to prove has several, such as test_attempt_deciding.py.
            if not any(folder.glob(f"test_{place.stem}.py")) and not any(
                folder.glob(f"test_{place.stem}_*.py")
            ):
                found.append(place.as_posix())
    return found
