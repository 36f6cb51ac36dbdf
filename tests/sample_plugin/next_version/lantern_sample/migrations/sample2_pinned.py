"""Lines can be pinned"""

import sqlalchemy as sa
from alembic import op

revision = "sample2"
down_revision = "sample1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ext_sample_thanks") as table:
        table.add_column(sa.Column("pinned", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("ext_sample_thanks") as table:
        table.drop_column("pinned")
