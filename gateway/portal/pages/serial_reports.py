"""串码统计: devices per state, by organisation, source, age and unit (IME-16)."""

from gateway.portal.pages.fields import UNIT
from gateway.portal.pages.serials import ORGANISATION_COLUMN, UNIT_COLUMN
from gateway.portal.spec import Chart, Column, Field, Page
from kernel.contracts.words_imei import SERIAL_STATES

_POOL = Field("pool", "串码池", "select", options="serial_pools")
_SOURCE = Column("source", "来源", "choice", width=160, options="serial_sources")
_AGE = Column("age", "库龄", "choice", width=160, options="serial_ages")


def _by(key: str, what: str, label: str, line: Column, same: str, *, first: bool = False) -> Page:
    """One line per ``what``; ``same``: filters under which the pool's list shows the devices of a line."""
    pool = f"serial-pool?{same}&unit={{unit}}&pool={{pool}}"
    return Page(
        key,
        "串码统计" if first else f"串码统计（{label}）",
        tab=label,
        tab_of="" if first else "serial-counts",
        source="/serial-counts",
        row_key=line.name,
        paged=False,
        sums=True,
        fixed={"per": what},
        filters=(UNIT, _POOL),
        columns=(
            line,
            *(
                Column(state, word.zh, "number", width=112, drill=f"{pool}&state={state}")
                for state, word in SERIAL_STATES.items()
            ),
            Column("total", "合计", "number", width=110, drill=pool),
        ),
        chart=Chart("各状态串码数量", line.name, tuple(SERIAL_STATES), unit="台"),
        export="serial-counts",
    )


PAGES = (
    _by("serial-counts", "unit", "按单位", UNIT_COLUMN, "unit_exact={exact}", first=True),
    _by("serial-counts-organisation", "organisation", "按组织", ORGANISATION_COLUMN,
        "organisation={organisation}&unplaced={unplaced}"),
    _by("serial-counts-source", "source", "按来源", _SOURCE, "source={source}"),
    _by("serial-counts-age", "age", "按库龄", _AGE, "age={age}"),
)  # fmt: skip

ENGLISH = {
    "串码统计": "Serial counts",
    "串码统计（按组织）": "Serial counts by organisation",
    "串码统计（按来源）": "Serial counts by source",
    "串码统计（按库龄）": "Serial counts by age",
    "按单位": "By unit",
    "按组织": "By organisation",
    "按来源": "By source",
    "按库龄": "By age",
    "各状态串码数量": "Devices per state",
}
