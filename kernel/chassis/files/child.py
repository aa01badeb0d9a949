"""The limited child of ``in_child``: reads the file on its standard input and answers JSON on its standard output."""

import json
import resource
import sys
from dataclasses import asdict
from typing import Any

import kernel.contracts  # noqa: F401  (registers the texts of refusals)
from kernel.chassis.files.batches import Batch, Limits, Notes
from kernel.chassis.files.heads import Head
from kernel.chassis.files.in_child import MEMORY_MIB, SECONDS, all_of, layout_of
from kernel.chassis.files.layout import Layout
from kernel.chassis.files.looking import look
from kernel.chassis.files.reader import open_rows
from kernel.contracts.files import FileChoice
from kernel.model.errors import DomainError


def _work(asked: dict[str, Any]) -> Any:
    file, layout = sys.stdin.buffer, layout_of(asked["layout"])
    choice, limits = FileChoice.model_validate(asked["choice"]), Limits(**asked["limits"])
    if asked["task"] == "look":
        seen = look(file, layout, name=asked["name"], choice=choice, limits=limits)
        return seen.model_dump(mode="json")
    if asked["task"] == "begin":
        return _begin(asked, layout, choice, limits)
    with open_rows(file, layout, name=asked["name"], choice=choice, limits=limits) as rows:
        batches = list(rows)
        return all_of(batches, rows.notes)


def _begin(asked: dict[str, Any], layout: Layout, choice: FileChoice, limits: Limits) -> dict[str, Any]:
    file, name, begun = sys.stdin.buffer, asked["name"], list[Batch]()
    seen = look(file, layout, name=name, choice=choice, limits=limits)
    head = Head(0, 0, {})
    if seen.problem is None:
        file.seek(0)
        with open_rows(file, layout, name=name, choice=choice, limits=limits) as rows:
            head = rows.head
            for batch in rows:
                begun.append(batch)
                if sum(map(len, begun)) >= asked["most"]:
                    break
    return {"seen": seen.model_dump(mode="json"), "head": asdict(head), "rows": all_of(begun, Notes())}


def main() -> None:
    """Exit code 0 with an answer or a refusal; anything else is a limit that was reached."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_MIB << 20, MEMORY_MIB << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    try:
        said: dict[str, Any] = {"answer": _work(json.loads(sys.argv[1]))}
    except DomainError as error:
        said = {"refused": {"code": error.code, "params": error.params}}
    except MemoryError:
        said = {"refused": {"code": "file_too_large", "params": {"limit": f"{MEMORY_MIB} MiB", "of": "memory"}}}
    sys.stdout.write(json.dumps(said))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
