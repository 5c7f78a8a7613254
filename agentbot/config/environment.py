"""Reading the settings: from the environment, over ``.env``, with secrets from files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv.parser import Binding, parse_stream
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import EnvSettingsSource

from agentbot.config.foreign import is_foreign
from agentbot.config.groups import Group
from agentbot.config.settings import NESTING, Settings, variable_name
from agentbot.errors import ConfigurationError

_PACKAGE = Path(__file__).parent.parent
_PREFIXES = ("AGENTBOT_", "PAPERCUPS_", "OPENAI_")
"""How names begin that are ours, or a slip, unless they are known to be another program's."""
_LIKELY = 0.55
"""Share of letters (0 to 1) in common from which a name with one of the prefixes is guessed to mean
a setting, prefixes left aside: HTTP and HTTP__PORT have 0.57, FOO and MODE 0.29."""
_A_SLIP = 0.87
"""The same for a name that begins otherwise (PAPERCUP_URL), whole: LOG_LEVLE has 0.89, and names of
other programs' settings less (DB_LOG_LEVEL has 0.86)."""
_ELSEWHERE = {
    **dict.fromkeys(("OPENAI_API_BASE", "OPENAI_HOST", "OPENAI_ENDPOINT"), "OPENAI_BASE_URL"),
    **dict.fromkeys(("PAPERCUPS_HOST", "PAPERCUPS_SERVER"), "PAPERCUPS_URL"),
    **dict.fromkeys(("PAPERCUPS_USER", "PAPERCUPS_USERNAME", "PAPERCUPS_LOGIN"), "PAPERCUPS_EMAIL"),
    "OPENAI_TIMEOUT": "AGENTBOT_LLM__TIMEOUT_SECONDS",
    "OPENAI_MAX_TOKENS": "AGENTBOT_LLM__MAX_TOKENS",
}
"""Names under which other programs know a setting of ours, where no likeness leads to it."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting as the environment knows it. ``path`` leads to it in :class:`Settings`."""

    name: str
    path: tuple[str, ...]
    field: FieldInfo

    @property
    def is_secret(self) -> bool:
        """Whether it is never shown, and may stand in the file that ``<name>_FILE`` names."""
        return "SecretStr" in str(self.field.annotation)


def variables() -> Iterator[Variable]:
    """Yield every variable that :func:`load_settings` reads, in the order of :class:`Settings`."""
    for group, info in Settings.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            for name, inner in kind.model_fields.items():
                variable = f"{variable_name(group)}{NESTING}{name.upper()}"
                yield Variable(variable, (group, name), inner)
        else:
            yield Variable(variable_name(group), (group,), info)


def load_settings(
    environ: Mapping[str, str] | None = None, *, folder: Path | None = None
) -> Settings:
    """Read ``environ`` (default: the process's) over ``.env`` in ``folder`` (default: here).

    ``prompts_dir`` comes back absolute, or relative to the process's folder as ``folder`` is.
    Raises ``ConfigurationError`` that lists everything which is wrong, by variable; no value is
    repeated in it, for it may be a secret in the wrong place.
    """
    folder = folder or Path.cwd()
    known = {variable.name: variable for variable in variables()}
    env_file = _EnvFile.read(folder / ".env")
    values = env_file.values | dict(os.environ if environ is None else environ)
    problems = [
        *env_file.refuse_lines(),
        *_refuse_unknown(values, known),
        *_read_secret_files(values, known),
    ]
    data: dict[str, Any] = _MappingSource({name: values.get(name, "") for name in known})()
    try:
        settings = Settings(**data)
    except ValidationError as error:
        raise _joined([*problems, *_explain(error, known)]) from None
    chosen = "prompts_dir" in settings.model_fields_set
    prompts_dir = folder / settings.prompts_dir if chosen else _default_prompts_dir(folder)
    if not is_folder(prompts_dir):
        problem = f"there is no folder {prompts_dir}, or it cannot be looked at"
        remedy = "name the folder that holds the rules and system.md, or leave it unset"
        problems.append(ConfigurationError("AGENTBOT_PROMPTS_DIR", problem, remedy))
    if problems:
        raise _joined(problems)
    return settings.model_copy(update={"prompts_dir": prompts_dir})


def read_variables(
    environ: Mapping[str, str] | None = None, *, folder: Path | None = None
) -> dict[str, str]:
    """Return the variables as :func:`load_settings` finds them, with nothing checked."""
    written = _EnvFile.read((folder or Path.cwd()) / ".env").values
    return written | dict(os.environ if environ is None else environ)


class _MappingSource(EnvSettingsSource):
    """pydantic-settings' reading of variables, from a mapping that is passed in."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._values.items() if value}


def _default_prompts_dir(folder: Path) -> Path:
    """Return the operator's folder, else the example."""
    own = folder / "prompts"
    return own if is_folder(own) else shipped_prompts_dir()


def is_folder(path: Path) -> bool:
    """Say whether there is a folder that this user can look at."""
    try:
        return path.is_dir()
    except OSError:  # no rights on the way to it, or no name that can be one
        return False


def shipped_prompts_dir() -> Path:
    """Return the example's folder: the wheel's copy, else (in a checkout) the tree's own."""
    copy = _PACKAGE / "_prompts"
    return copy if copy.is_dir() else _PACKAGE.parent / "prompts"


@dataclass(frozen=True, slots=True)
class _EnvFile:
    """What stands in ``.env``, line by line."""

    path: Path
    bindings: tuple[Binding, ...] = ()

    @classmethod
    def read(cls, path: Path) -> _EnvFile:
        """Read the file, where there is one. Raises ``ConfigurationError`` if it is no text."""
        try:
            if not path.exists():
                return cls(path)
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            said = getattr(error, "strerror", None) or "it is not UTF-8 text"
            remedy = "let the user that runs agentbot read it, saved as UTF-8"
            raise ConfigurationError(str(path), f"cannot be read: {said}", remedy) from error
        return cls(path, tuple(parse_stream(StringIO(text))))

    @property
    def values(self) -> dict[str, str]:
        """The variables that it sets; the last one wins."""
        return {one.key: one.value for one in self.bindings if one.key and one.value is not None}

    def refuse_lines(self) -> Iterator[ConfigurationError]:
        """Yield the lines that set nothing though they mean to: "PAPERCUPS_URL: https://…"."""
        for one in self.bindings:
            is_ours = (one.key or "").upper().startswith(_PREFIXES)
            if one.error or (is_ours and one.value is None):
                where = f"{self.path}:{one.original.line}"
                yield ConfigurationError(where, "sets nothing", "write NAME=value, or # before it")


def _refuse_unknown(
    values: Mapping[str, str], known: Mapping[str, Variable]
) -> Iterator[ConfigurationError]:
    """Yield what looks like a setting of ours and is none.

    A slip in a name must not pass in silence: with a misspelt base URL beside a real key, the
    customers' words would go to another provider than the one that was meant.
    """
    accepted = [*known, *(f"{v.name}_FILE" for v in known.values() if v.is_secret)]
    for name in sorted(values):
        upper = name.upper()
        if name in accepted or is_foreign(upper, values[name]):
            continue
        ours = upper.startswith(_PREFIXES)
        close = _nearest(upper, accepted)
        if ours or close:
            remedy = f"did you mean {close}?" if close else "see .env.example for all of them"
            yield ConfigurationError(name, "there is no such setting", remedy)


def _nearest(name: str, accepted: list[str]) -> str:
    """Return the setting that ``name`` seems to mean; ``""`` where it seems to mean none."""
    if name in _ELSEWHERE:
        return _ELSEWHERE[name]
    prefix = next((one for one in _PREFIXES if name.startswith(one)), "")
    rest = name.removeprefix(prefix)
    if rest in accepted:  # AGENTBOT_LOG_LEVEL
        return rest
    alike = {one.removeprefix(prefix): one for one in accepted if one.startswith(prefix)}
    cutoff = _LIKELY if prefix else _A_SLIP
    return next((alike[near] for near in get_close_matches(rest, alike, n=1, cutoff=cutoff)), "")


def _read_secret_files(
    values: dict[str, str], known: Mapping[str, Variable]
) -> Iterator[ConfigurationError]:
    """Put the content of each secret's file in its place in ``values``."""
    for secret in (variable for variable in known.values() if variable.is_secret):
        name = f"{secret.name}_FILE"
        path = values.get(name, "").strip()
        if not path:
            continue
        if values.get(secret.name):
            yield ConfigurationError(name, f"{secret.name} is set as well", "set one of the two")
            continue
        try:
            content = Path(path).expanduser().read_text(encoding="utf-8-sig").strip()
        except (OSError, RuntimeError, UnicodeDecodeError) as error:  # ~ of nobody
            said = getattr(error, "strerror", None) or "it is not UTF-8 text"
            remedy = "name a file that the user that runs agentbot can read, saved as UTF-8"
            yield ConfigurationError(name, f"cannot read {path}: {said}", remedy)
            continue
        if not content or len(content.splitlines()) > 1:
            problem = "holds more than one line" if content else "is empty"
            yield ConfigurationError(name, f"{path} {problem}", "write the secret alone into it")
        else:
            values[secret.name] = content


def _explain(error: ValidationError, known: Mapping[str, Variable]) -> Iterator[ConfigurationError]:
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        # Two steps name a nested variable; a third one leads into a list's items.
        first, *inner = [str(step) for step in problem["loc"][:2]]
        group = variable_name(first) if first in Settings.model_fields else first
        nested = NESTING.join([group, *inner]).upper()
        name = nested if nested in known else group
        text = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
        yield ConfigurationError(name, text, _default_of(known.get(name)))


def _default_of(variable: Variable | None) -> str:
    if variable is None or variable.is_secret or variable.field.default is None:
        return ""
    default = variable.field.default
    shown = ",".join(map(str, default)) if isinstance(default, tuple) else default
    return f"default: {shown}"


def _joined(problems: list[ConfigurationError]) -> ConfigurationError:
    if len(problems) == 1:
        return problems[0]
    lines = "".join(f"\n  - {problem}" for problem in problems)
    return ConfigurationError("settings", f"{len(problems)} things are wrong{lines}")
