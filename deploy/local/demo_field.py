"""What hangs in the demo province's meters: cards that crews have, asked of the portal once, for the demo station.

    python -m deploy.local.demo_field FILE

Crews install what was issued to them, so whoever plays the field has to know which cards those are. The file holds a
list of `{iccid, unit, state}`: cards that wait to be installed or run, and a few that may be in no terminal. The demo
carriers count by it, so they are asked for their counts as soon as it is there.
"""

from __future__ import annotations

import json
import os
import sys
from itertools import islice
from pathlib import Path
from typing import Any

from deploy.local.carriers_catalogue import PREFIXES
from deploy.local.demo_client import Demo, DemoError

INSTALLED = ("pending_install", "running")
WRONG = ("terminated", "in_stock")
"""Of each a few, for the terminals that hold what they should not."""
A_FEW = 6


def cards(demo: Demo) -> list[dict[str, Any]]:
    """Asked as the province's clerk."""
    province = demo.login("province")
    found = [card for state in INSTALLED for card in province.every("cards", state=state)]
    found += [card for state in WRONG for card in islice(province.every("cards", state=state), A_FEW)]
    return [{"iccid": card["iccid"], "unit": card["owner_unit"], "state": card["state"]} for card in found]


def ask_the_carriers(demo: Demo) -> None:
    """How many cards they count this month (BND-09); in the background, like all pulls."""
    province = demo.login("province")
    for carrier in PREFIXES:
        province.ask("binding/carrier-counts/pull", {"carrier": carrier})


def main() -> None:
    path = Path(sys.argv[1])
    try:
        with Demo(os.environ["SIMKEEP_GATEWAY_URL"], os.environ["SIMKEEP_DEMO_PASSWORD"]) as demo:
            found = cards(demo)
            draft = path.with_suffix(".new")
            draft.write_text(json.dumps(found))
            draft.replace(path)
            ask_the_carriers(demo)
    except DemoError as error:
        print(f"! {error}", file=sys.stderr)
        sys.exit(1)
    print(f"{len(found):,} cards are in the field")


if __name__ == "__main__":
    main()
