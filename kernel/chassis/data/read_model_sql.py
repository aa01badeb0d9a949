"""The SQL of a read model. Parameters of events: keys, versions, fact_NAME, dated_NAME; of slices: after, last."""

from collections.abc import Mapping

from sqlalchemy import Table

from kernel.contracts.read_models import VERSION, Fact, Noun, columns_of, version_of


class Statements:
    """Of one table; what it does not need is None."""

    def __init__(self, noun: Noun, table: str, facts: Mapping[str, Fact], counts: Table | None) -> None:
        self._key, self._table, self._facts = noun.key, table, facts
        self._columns = columns_of(noun, facts)
        self._counts = _Counts(counts, table) if counts is not None else None
        self.staging = f"{table}_slice"
        told, staged = self._of_event(), f"SELECT {', '.join(self._columns)} FROM {self.staging}"
        between = f"{table}.{self._key} > CAST(:after AS text) AND {table}.{self._key} <= CAST(:last AS text)"
        self.apply = self._write(told, self._newer(), f"{table}.version < excluded.version", "true")
        self.fill = self._fill(told, "true")
        self.stage = (
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.staging} ON COMMIT DELETE ROWS"
            f" AS SELECT {', '.join(self._columns)} FROM {table} WITH NO DATA"
        )
        self.is_empty = f"SELECT NOT EXISTS (SELECT FROM {table} WHERE {between})"
        self.remove = (
            f"DELETE FROM {table} WHERE {between} AND age({table}.xmin) > age(CAST(:asked_at AS xid))"
            f" AND NOT EXISTS (SELECT FROM {self.staging} AS told WHERE told.{self._key} = {table}.{self._key})"
        )
        other = (
            f"({', '.join(f'{table}.{name}' for name in self._columns)}) IS DISTINCT FROM"
            f" ({', '.join(f'excluded.{name}' for name in self._columns)})"
        )
        whole = {name: f"excluded.{name}" for name in self._columns if name != self._key}
        self.take_over = self._write(staged, whole, f"{table}.version <= excluded.version AND {other}", between)
        self.fill_from_stage = self._fill(staged, between)
        self.count_range = self._counts.of_range(between) if self._counts else None
        self.recount = self._counts.anew() if self._counts else None

    def _of_event(self) -> str:
        """The rows that an event tells of, in the columns of the table."""
        each = [name for name, fact in self._facts.items() if fact.per_row]
        columns = [self._key, VERSION]
        for name, fact in self._facts.items():
            columns.append(name if fact.per_row else f"CAST(:fact_{name} AS {fact.sql_type}) AS {name}")
            if fact.dated:
                columns.append(f"CASE WHEN :dated_{name} THEN {VERSION} ELSE 0 END AS {version_of(name)}")
        arrays = [f"CAST(:fact_{name} AS {self._facts[name].sql_type}[])" for name in each]
        arguments = ", ".join(["CAST(:keys AS text[])", "CAST(:versions AS bigint[])", *arrays])
        return (
            f"SELECT {', '.join(columns)} FROM unnest({arguments}) AS told ({', '.join([self._key, VERSION, *each])})"
        )

    def _newer(self) -> dict[str, str]:
        """Column > its new value when an event of a higher version is applied."""
        values = {name: f"excluded.{name}" for name in self._columns if name != self._key}
        return values | self._some("excluded")

    def _some(self, told: str) -> dict[str, str]:
        """Columns that only some events tell > their value when ``told`` is applied, early or late."""
        values: dict[str, str] = {}
        for name, fact in self._facts.items():
            if fact.lasting:
                values[name] = f"coalesce({told}.{name}, {self._table}.{name})"
            elif fact.dated:
                version = version_of(name)
                newer = f"{told}.{version} > {self._table}.{version}"
                values[name] = f"CASE WHEN {newer} THEN {told}.{name} ELSE {self._table}.{name} END"
                values[version] = f"greatest({told}.{version}, {self._table}.{version})"
        return values

    def _write(self, told: str, values: Mapping[str, str], where: str, between: str) -> str:
        """SQL that inserts or updates the rows ``told`` and answers how many it wrote."""
        columns = ", ".join(self._columns)
        assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
        old, counted, returning = self._counts.follow(self._key, between) if self._counts else ("", "", self._key)
        return f"""
            WITH told AS MATERIALIZED ({told}){old}, written AS (
                INSERT INTO {self._table} ({columns}) SELECT {columns} FROM told ORDER BY {self._key} COLLATE "C"
                ON CONFLICT ({self._key}) DO UPDATE SET {assignments} WHERE {where}
                RETURNING {returning}
            ){counted}
            SELECT count(*) FROM written
        """

    def _fill(self, told: str, between: str) -> str | None:
        """SQL for rows that are newer here: the facts that only some events tell are still taken."""
        values = self._some("told")
        if not values:
            return None
        table, news = self._table, []
        for name, fact in self._facts.items():
            if fact.lasting:
                news.append(f"told.{name} IS NOT NULL AND told.{name} IS DISTINCT FROM {table}.{name}")
            elif fact.dated:
                news.append(f"told.{version_of(name)} > {table}.{version_of(name)}")
        assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
        return (
            f"WITH told AS MATERIALIZED ({told}) UPDATE {table} SET {assignments} FROM told"
            f" WHERE {table}.{self._key} = told.{self._key} AND {between} AND ({' OR '.join(news)})"
        )


class _Counts:
    """The table of how many rows are alike: its primary key names the facts, its other column is the number."""

    def __init__(self, counts: Table, table: str) -> None:
        self._name, self._table = counts.name, table
        keys = [column.name for column in counts.primary_key]
        self._alike = ", ".join(keys)
        (self._number,) = [column.name for column in counts.columns if column.name not in keys]

    def follow(self, key: str, between: str) -> tuple[str, str, str]:
        """For ``Statements._write``: CTEs before and after the writing, and what the writing must return."""
        old = (
            f", old AS MATERIALIZED (SELECT {self._table}.* FROM {self._table}"
            f" JOIN told ON told.{key} = {self._table}.{key} WHERE {between})"
        )
        counted = f""", steps AS (
                SELECT {self._alike}, -1 AS step FROM old WHERE {key} IN (SELECT {key} FROM written)
                UNION ALL
                SELECT {self._alike}, 1 FROM written
            ), counted AS (
                INSERT INTO {self._name} ({self._alike}, {self._number})
                SELECT {self._alike}, sum(step) FROM steps GROUP BY {self._alike} HAVING sum(step) <> 0
                ORDER BY {self._alike}
                {self._adding()}
            )"""
        return old, counted, f"{key}, {self._alike}"

    def of_range(self, between: str) -> str:
        """SQL that adds the rows of a range."""
        return f"{self._all()} WHERE {between} GROUP BY {self._alike} {self._adding()}"

    def anew(self) -> tuple[str, str]:
        return f"DELETE FROM {self._name}", f"{self._all()} GROUP BY {self._alike}"

    def _all(self) -> str:
        return (
            f"INSERT INTO {self._name} ({self._alike}, {self._number})"
            f" SELECT {self._alike}, count(*) FROM {self._table}"
        )

    def _adding(self) -> str:
        total = f"{self._number} = {self._name}.{self._number} + excluded.{self._number}"
        return f"ON CONFLICT ({self._alike}) DO UPDATE SET {total}"
