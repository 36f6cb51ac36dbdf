"""The wall of thanks"""

import sqlalchemy as sa
from alembic import op

revision = "sample1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ext_sample_thanks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_ext_sample_thanks_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ext_sample_thanks"),
    )
    op.create_index("ix_ext_sample_thanks_person_id", "ext_sample_thanks", ["person_id"])


def downgrade() -> None:
    op.drop_table("ext_sample_thanks")
