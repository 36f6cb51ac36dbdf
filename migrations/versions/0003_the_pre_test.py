"""The pre-test, which people may decline"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pretest_declined",
        sa.Column("quiz_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_pretest_declined_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["quiz_id"], ["quiz.id"], name=op.f("fk_pretest_declined_quiz_id_quiz"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("quiz_id", "person_id", name=op.f("pk_pretest_declined")),
    )
    with op.batch_alter_table("pretest_declined", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pretest_declined_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("pretest_declined", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pretest_declined_person_id"))

    op.drop_table("pretest_declined")
