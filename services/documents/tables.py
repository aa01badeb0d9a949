"""Tables of documents. Migrations create them; ``alembic check`` proves that both say the same."""

from sqlalchemy import MetaData

from kernel.chassis.tables import chassis_tables

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
chassis = chassis_tables(metadata)
