"""An office that enters tariffs, rates months and takes bills in, as tests send it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from kernel.chassis.jobs.context import JobContext
from kernel.contracts.traffic.costs import CountCityCosts, ImportBill, ListCosts
from kernel.contracts.traffic.tariffs import AddTariff, RateMonth
from kernel.model.actor import Actor
from services.traffic.bills import import_bill, run_bill
from services.traffic.cost_list import count_city_costs, list_costs
from services.traffic.cost_rating import rate_month, run_rating
from services.traffic.tariff_list import add_tariff
from tests.integration.traffic.meters import PROVINCE, Meters

MB = 1 << 20
BOSS = Actor("boss", "资费管理员", "99", PROVINCE.permissions | {"cost.manage"})
OCTOBER = "2026-10"


@dataclass
class Office:
    """Rates months as the job worker does."""

    meters: Meters

    def work(self, run: Any, accepted: Any, request: dict[str, Any]) -> Any:
        job_id = accepted.job_id
        self.meters.run("UPDATE jobs SET state = 'running', attempts = 1 WHERE id = :id", id=job_id)
        now = self.meters.now
        job = JobContext(job_id, "x", request, BOSS, None, 1, None, now, self.meters.engine)
        job.__dict__["blobs"] = self.meters.blobs
        job.now = lambda: self.meters.now  # type: ignore[method-assign]
        done = run(job)
        job.flush()
        return done

    def rate(self, month: str = OCTOBER, reason: str = "") -> Any:
        accepted = self.meters.act(rate_month, RateMonth(month=month, reason=reason), BOSS)
        return self.work(run_rating, accepted, {"month": month, "reason": reason})

    def bill(self, lines: str, month: str = OCTOBER) -> Any:
        file = self.meters.blobs.put_stream([lines.encode()], name="bill.csv", media_type="text/csv")
        accepted = self.meters.act(import_bill, ImportBill(carrier="china_mobile", month=month, file=file), BOSS)
        self.work(run_bill, accepted, {"bill_id": accepted.bill_id, "choice": {}})
        return accepted

    def tariff(self, **more: Any) -> Any:
        values = {"carrier": "china_mobile", "card_spec": "plug_in", "valid_from": date(2025, 1, 1),
                  "monthly_fee": Decimal("1.005"), "included": 30 * MB, "per_mb": Decimal("0.29"), **more}  # fmt: skip
        return self.meters.act(add_tariff, AddTariff(**values), BOSS)

    def costs(self, by: Actor = BOSS, **asked: Any) -> list[Any]:
        return self.meters.act(list_costs, ListCosts(size=200, **asked), by).items

    def cities(self, by: Actor = BOSS, **asked: Any) -> Any:
        return self.meters.act(count_city_costs, CountCityCosts(**asked), by)
