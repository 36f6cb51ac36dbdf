"""List the questions of a bank in their order"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDICES = {
    "ix_question_in_use": ("retired_at IS NULL", []),
    "ix_question_kind_in_use": ("retired_at IS NULL", ["kind"]),
    "ix_question_objective_in_use": ("retired_at IS NULL", ["objective"]),
    "ix_question_retired": ("retired_at IS NOT NULL", []),
}


def upgrade() -> None:
    for name, (which, columns) in INDICES.items():
        where = {f"{dialect}_where": sa.text(which) for dialect in ("sqlite", "postgresql")}
        op.create_index(name, "question", ["quiz_id", *columns, "position", "id"], unique=False, **where)


def downgrade() -> None:
    for name in INDICES:
        op.drop_index(name, table_name="question")
