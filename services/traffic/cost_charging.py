"""What each card costs in a month, computed for all at once (TRF-05, TRF-09, TRF-10).

Amounts are whole numbers until the one rounding point: each card's amount is ``parts`` of a line's common denominator.
A line of the carrier's bill (a pool, or a specification's cards without one) is rounded to 分, half up, and dealt out
to its cards in whole 分 by largest remainder: cards, cities and province add up to the bill whatever the grouping. Who
comes first among equals is decided by ICCID, so the order in which cards and figures came changes nothing.
"""

from datetime import date
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.errors import DomainError
from services.traffic import months
from services.traffic.money import MB

_CARDS = """
SELECT cards.iccid, coalesce(first.unit, cards.owner_unit) AS unit, coalesce(first.carrier, cards.carrier) AS carrier,
       coalesce(first.card_spec, cards.card_spec) AS card_spec, coalesce(used.bytes, 0) AS used,
       coalesce(first.days, CASE
           WHEN cards.state = 'terminated' AND (cards.changed_at AT TIME ZONE 'Asia/Shanghai')::date < :after
               THEN greatest(extract(day FROM cards.changed_at AT TIME ZONE 'Asia/Shanghai')::int, 1)
           WHEN cards.application_month = :name AND began.first_day IS NOT NULL
               THEN :length - extract(day FROM began.first_day)::int + 1
           ELSE :length END) AS days,
       cards.application_month = :name AS is_new
FROM cards
LEFT JOIN (
    SELECT card_id, carrier_month AS bytes FROM ({sums}) AS sums WHERE card_id <> ALL(:moved)
    UNION ALL
    SELECT card_id, sum(carrier_month)::bigint FROM ({sums}) AS sums WHERE card_id = ANY(:moved) GROUP BY card_id
) AS used ON used.card_id = cards.id
LEFT JOIN (
    SELECT card_id, min(day) AS first_day FROM ({days}) AS days JOIN cards AS fresh ON fresh.id = card_id
    WHERE fresh.application_month = :name GROUP BY card_id
) AS began ON began.card_id = cards.id
LEFT JOIN (
    SELECT DISTINCT ON (iccid) iccid, unit, carrier, card_spec, days FROM cost_entries WHERE about = :month
    ORDER BY iccid, number
) AS first ON first.iccid = cards.iccid
WHERE cards.owner_unit >= :province AND cards.owner_unit < :end
  AND (first.iccid IS NOT NULL OR used.bytes > 0 OR (
      cards.application_month <= :name
      AND (cards.state <> 'terminated' OR (cards.changed_at AT TIME ZONE 'Asia/Shanghai')::date >= :month)))
"""
"""Whom a month is about. What was known of a card when the month was rated first, stays: its unit, its days."""
_MOVED = """
SELECT card_id FROM moved_usage WHERE month = :month
UNION
SELECT card_id FROM usage_months WHERE month = :month AND NOT present
"""
"""Cards that have used in several units; of all others a month has one sum."""
_RATED = """
CREATE TEMPORARY TABLE rated ON COMMIT DROP AS
SELECT iccid, unit, cards.carrier, coalesce(tariffs.pool, '') AS pool,
       CASE WHEN tariffs.pool IS NULL THEN cards.card_spec ELSE '' END AS line_spec, cards.card_spec, used, days,
       tariffs.id AS tariff_id, per_mb, included,
       CASE WHEN used = 0 THEN coalesce(silent_fee, monthly_fee) ELSE monthly_fee END AS fee,
       CASE WHEN prorated THEN days ELSE :length END AS fee_days,
       CASE WHEN NOT CASE WHEN pools.id IS NULL THEN prorated WHEN is_new THEN joining_prorated ELSE leaving_shrinks END
            THEN :length ELSE days END AS weight,
       pools.size, coalesce(pools.overage, 'excess') AS overage
FROM ({cards}) AS cards
LEFT JOIN (
    SELECT * FROM tariffs WHERE province = :province AND valid_from <= :month
       AND (valid_to IS NULL OR valid_to > :month)
) AS tariffs ON tariffs.carrier = cards.carrier AND tariffs.card_spec = cards.card_spec
LEFT JOIN (
    SELECT DISTINCT ON (carrier, name) * FROM pools WHERE province = :province AND valid_from <= :month
    ORDER BY carrier, name, valid_from DESC
) AS pools ON pools.carrier = cards.carrier AND pools.name = tariffs.pool
"""
"""``weight``: days for which the card counts in what is included."""
_REFUSED = """
INSERT INTO job_rows (job_id, row_no, key, code, params)
SELECT CAST(:job_id AS uuid), row_number() OVER (ORDER BY iccid), iccid, 'tariff_missing',
       json_build_object('month', CAST(:name AS text), 'card_spec', card_spec)
FROM rated WHERE tariff_id IS NULL
"""
_SEVERAL_PRICES = """
SELECT carrier, pool FROM rated WHERE tariff_id IS NOT NULL AND pool <> ''
GROUP BY carrier, pool HAVING min(per_mb) <> max(per_mb) ORDER BY 1, 2 LIMIT 1
"""
_OWN = "(coalesce(size, included)::numeric * weight)"
"""What is included for a card, times the line's ``scale``. A fixed pool is shared by days."""
_BEARING = f"""
CASE overage WHEN 'usage' THEN used::numeric WHEN 'equal' THEN weight::numeric
             ELSE greatest(0, used * scale - {_OWN}) END
"""
_LINES = f"""
CREATE TEMPORARY TABLE lines ON COMMIT DROP AS
WITH scales AS (
    SELECT carrier, pool, line_spec,
           CASE WHEN min(size) IS NULL THEN CAST(:length AS numeric) ELSE sum(weight)::numeric END AS scale
    FROM rated WHERE tariff_id IS NOT NULL GROUP BY carrier, pool, line_spec
), pooled AS (
    SELECT carrier, pool, line_spec, greatest(0, sum(used * scale - {_OWN})) AS beyond,
           greatest(1, sum({_BEARING})) AS borne
    FROM rated JOIN scales USING (carrier, pool, line_spec)
    WHERE tariff_id IS NOT NULL AND pool <> '' GROUP BY carrier, pool, line_spec
)
SELECT *, row_number() OVER () AS line, :length * borne * scale * 10000 * {MB} AS whole
FROM (
    SELECT carrier, pool, line_spec, scale, coalesce(beyond, 1) AS beyond, coalesce(borne, 1) AS borne
    FROM scales LEFT JOIN pooled USING (carrier, pool, line_spec)
) AS lines
"""
"""``beyond`` is dealt out by what each card bears of ``borne``: bytes times the line's ``scale``, whole numbers all.
``whole``: parts of one 分."""
_BINS = 4096
_PRICED = f"""
CREATE TEMPORARY TABLE priced ON COMMIT DROP AS
SELECT line, iccid, unit, card_spec, used, days, tariff_id, trim_scale(round(fee * fee_days / :length, 6)) AS fee,
       div({_OWN}, scale) AS included, trim_scale(round(share / (borne * scale * {MB}), 6)) AS beyond_mb, per_mb,
       trim_scale(round(parts / whole / 100, 6)) AS exact, parts, fen, rest, div(rest * {_BINS}, whole)::int AS bin
FROM (
    SELECT *, div(parts, whole) AS fen, mod(parts, whole) AS rest FROM (
        SELECT *, trunc(fee * 10000) * fee_days * borne * scale * {100 * MB}
                  + share * trunc(per_mb * 1000000) * :length AS parts
        FROM (
            SELECT rated.*, line, scale, borne, whole, {_BEARING} * beyond AS share
            FROM rated JOIN lines USING (carrier, pool, line_spec) WHERE tariff_id IS NOT NULL OFFSET 0
        ) AS sharing OFFSET 0
    ) AS adding OFFSET 0
) AS rounding
"""
"""``OFFSET 0``: else what is computed once would be computed wherever it is named. ``bin``: rests of about a size, so
that not all need to be put in order."""
_BIN = """
CREATE TEMPORARY TABLE last_bins ON COMMIT DROP AS
WITH bins AS (
    SELECT line, bin, count(*) AS cards, sum(parts) AS parts, sum(fen) AS fen FROM priced GROUP BY line, bin
), spares AS (
    SELECT line, div(2 * sum(parts) + whole, 2 * whole) - sum(fen) AS spare
    FROM bins JOIN lines USING (line) GROUP BY line, whole
)
SELECT line, bin, (spare - larger)::bigint AS place FROM (
    SELECT line, bin, cards, sum(cards) OVER (PARTITION BY line ORDER BY bin DESC) - cards AS larger FROM bins
) AS bins JOIN spares USING (line) WHERE spare > larger AND spare <= larger + cards
"""
"""The bin of each line where its spare 分 end, and the place of the last one among its cards."""
_LAST = """
CREATE TEMPORARY TABLE last_ones ON COMMIT DROP AS
SELECT lines.line, carrier, pool, line_spec, rest AS last_rest, iccid AS last_iccid
FROM lines LEFT JOIN (
    SELECT line, rest, iccid, place, row_number() OVER (PARTITION BY line ORDER BY rest DESC, iccid) AS its
    FROM priced JOIN last_bins USING (line, bin)
) AS ranked ON ranked.line = lines.line AND its = place
"""
"""The card of each line that is the last to get one of its spare 分."""
CHARGED = """
SELECT iccid, unit, carrier, pool, line_spec, card_spec,
       (fen + CASE WHEN rest > last_rest OR rest = last_rest AND iccid <= last_iccid THEN 1 ELSE 0 END)::bigint AS fen,
       tariff_id, used, days, fee, included, beyond_mb, per_mb, exact
FROM priced JOIN last_ones USING (line)
"""
"""What each card costs, once ``charge`` has been called."""


def charge(tx: Tx, month: date, province: str) -> int:
    """Prepares ``CHARGED`` by the usage as known now, and ``rated``, whom the month is about; how many cards cost
    something to say. Raises rating_impossible."""
    found, after = months.find(tx, month), months.after(month)
    params = {
        **found.params,
        "name": month.strftime("%Y-%m"),
        "after": after,
        "length": (after - month).days,
        "moved": list(tx.execute(_MOVED, {"month": month}).scalars()),
        "province": province,
        "end": province + ":",
    }
    for table in ("rated", "lines", "priced", "last_bins", "last_ones"):
        tx.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    tx.execute(_RATED.format(cards=_CARDS.format(sums=found.sums, days=found.days)), params)
    several: Any = tx.execute(_SEVERAL_PRICES).one_or_none()
    if several is not None:
        reason = f"pool {several.pool} of {several.carrier} has several prices beyond what is included"
        raise DomainError("rating_impossible", reason=reason)
    for statement in (_LINES, _PRICED, _BIN, "ANALYZE last_bins", _LAST):
        tx.execute(statement, params)
    return int(tx.execute("SELECT count(*) FROM priced").scalar_one())


def refuse(tx: Tx, month: date, job_id: Any) -> int:
    """Cards without a tariff become rows of the job; how many."""
    return tx.execute(_REFUSED, {"job_id": str(job_id), "name": month.strftime("%Y-%m")}).rowcount
