"""The portal's scripts as one file, made in memory at the first request: one request instead of some forty.

The sources stay ES modules that import each other by name. Here each becomes a function that runs when it is first
needed, so their text, comments and line breaks stay as they are in the browser's debugger. It understands only what
our scripts use: one-line imports in braces from a neighbour, and exports in front of what they name.
"""

import re
from collections.abc import Mapping

NAME = "portal.js"
"""The address of the bundle; no such file is on the disk."""

_IMPORT = re.compile(r"^import (?P<names>\{[^}]*\}) from '\./(?P<module>[\w-]+)\.js';$", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|function|class) (?P<name>\w+))", re.MULTILINE)
_DEFAULT = re.compile(r"^export default ", re.MULTILINE)
_LATER = re.compile(r"\bimport\((?P<path>`\./\$\{(?P<name>\w+)\}\.js`)\)")
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)


class BundleError(ValueError):
    """A script imports or exports in a way that the bundle does not know."""


def bundle(scripts: Mapping[str, str], start: str) -> str:
    """``scripts`` by their names without ``.js``, of which ``start`` is run. Raises BundleError."""
    parts = [
        f"// Made from {len(scripts)} modules of gateway/portal/static; each begins with its name.",
        "'use strict';",
        "(() => {",
        "const modules = {};",
        "const made = {};",
        "const need = (name) => (made[name] ??= modules[name]());",
    ]
    for name, text in sorted(scripts.items()):
        parts += [f"// ==== {name}.js", f"modules['{name}'] = () => {{", _as_function(name, text, scripts), "};"]
    return "\n".join([*parts, f"need('{start}');", "})();", ""])


def _as_function(name: str, text: str, scripts: Mapping[str, str]) -> str:
    for found in _IMPORT.finditer(text):
        if found["module"] not in scripts:
            raise BundleError(f"{name}.js imports {found['module']}.js, which is no script")
    given = [found["name"] for found in _EXPORT.finditer(text)]
    body = _IMPORT.sub(lambda found: f"const {found['names'].replace(' as ', ': ')} = need('{found['module']}');", text)
    body = _LATER.sub(lambda found: f"Promise.resolve().then(() => need({found['name']}))", body)
    body = _EXPORT.sub("", body)
    body, defaults = _DEFAULT.subn("const default_ = ", body)
    if defaults:
        given.append("default: default_")
    left = _LEFT.search(body)
    if left:
        raise BundleError(f"{name}.js: the bundle does not know {left[0]!r}")
    return f"{body.rstrip()}\nreturn {{ {', '.join(given)} }};"
