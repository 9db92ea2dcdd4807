"""How often a connector is to be heard of, and the day of its last run."""

from alembic import op

from hub.adapters.postgres.migrate import frozen

revision = "0002_rhythm"
down_revision = "0001_first"


def upgrade() -> None:
    """Make them."""
    for statement in frozen("intake", revision):
        op.get_bind().exec_driver_sql(statement)
