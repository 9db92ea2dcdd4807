"""The first tables of the schema `intake`."""

from alembic import op

from hub.adapters.postgres.migrate import frozen

revision = "0001_first"
down_revision = None


def upgrade() -> None:
    """Make them."""
    for statement in frozen("intake", revision):
        op.get_bind().exec_driver_sql(statement)
