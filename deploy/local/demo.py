"""Demo data through the public interfaces only: what carriers deliver and clerks do, as they would do it.

    python -m deploy.local.demo [--base-url http://127.0.0.1:8080] [--cards 1000000] [--without-forms]
        [--usage-months 14]

Carriers' deliveries are pulled, one is pushed with the carrier's key, two files are uploaded (one of them GBK with bad
rows, one XLSX with cells that lost digits). The province inspects and stocks in, cities and counties allocate, issue,
take back and scrap; forms of applications and terminations are left in every state. Shops scan, sell and redeem
terminals by their serials; months of usage come in. The newest month is left in the middle of it all, so that every
page has something that waits.

Running it again adds nothing: every step looks first whether it was done, and its Idempotency-Key is of its content.
Needs SIMKEEP_DEMO_PASSWORD and, for the push, SIMKEEP_DEMO_PUSH_KEY; SIMKEEP_GATEWAY_URL when --base-url is not given.
"""

from __future__ import annotations

import argparse
import os
import sys
from datetime import datetime
from pathlib import Path

from deploy.local import demo_files, demo_forms, demo_serials, demo_story, demo_usage
from deploy.local.carriers_catalogue import batch_of, months_until
from deploy.local.demo_client import Demo, DemoError
from kernel.model.period import BUSINESS_ZONE, business_date


def load(
    demo: Demo,
    big: int,
    *,
    forms: bool = True,
    usage_cards: Path | None = None,
    usage_months: int = demo_usage.MONTHS,
) -> None:
    """The whole demo, with or without ``forms``, and a delivery of ``big`` cards beside it."""
    newest = months_until(business_date(datetime.now(BUSINESS_ZONE)))[-1]
    province = demo.login("province")
    demo_story.pull(province)
    mobile = batch_of("china_mobile", newest, 5, "plug_in", 120, flaws={9: "check_digit", 30: "short", 31: "spaces"})
    telecom = batch_of("china_telecom", newest, 5, "smd", 80)
    demo_story.upload(province, mobile, demo_files.gbk_csv(mobile), f"{mobile.batch_no}.csv")
    demo_story.upload(province, telecom, demo_files.xlsx(telecom), f"{telecom.batch_no}.xlsx")
    if key := os.environ.get("SIMKEEP_DEMO_PUSH_KEY"):
        demo_story.push(demo.with_key(key), province, batch_of("china_mobile", newest, 6, "nano", 150))
    demo_story.work(demo, newest)
    if forms:
        demo_forms.work(demo)
    demo_serials.work(demo)
    demo_usage.work(demo, business_date(datetime.now(BUSINESS_ZONE)), usage_cards, usage_months)
    if big:
        large = batch_of("china_mobile", newest, 7, "smd", big)
        demo_story.upload(province, large, demo_files.large_csv(large), f"{large.batch_no}.csv", announced=big)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.demo", description="Load demo data.")
    parser.add_argument("--base-url", default=os.environ.get("SIMKEEP_GATEWAY_URL", "http://127.0.0.1:8080"))
    parser.add_argument("--cards", type=int, default=0, help="also upload one delivery of this many cards")
    parser.add_argument("--without-forms", action="store_true", help="leave out applications and terminations")
    parser.add_argument("--usage-cards", type=Path, help="tell carriers and station here which cards use traffic")
    parser.add_argument("--usage-months", type=int, default=demo_usage.MONTHS, help="how far back usage goes")
    options = parser.parse_args()
    password = os.environ.get("SIMKEEP_DEMO_PASSWORD")
    if not password:
        parser.error("set SIMKEEP_DEMO_PASSWORD, the password of the demo's logins (./simkeep demo does)")
    try:
        with Demo(options.base_url, password) as demo:
            load(
                demo,
                options.cards,
                forms=not options.without_forms,
                usage_cards=options.usage_cards,
                usage_months=options.usage_months,
            )
    except DemoError as error:
        print(f"! {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
