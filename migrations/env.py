"""Run by Alembic for our history and for a plugin's; `lms.database.migrating` hands over the connection."""

from typing import Any

from alembic import context

from lms.database.base import Base
from lms.database.revisions import OURS, History
from lms.database.types import JsonValue, UtcMoment

history: History = context.config.attributes.get("history", OURS)
connection = context.config.attributes["connection"]


def belongs_here(thing: Any, name: str | None, kind: str, _reflected: bool, _compared: Any) -> bool:
    """Ours are all tables but plugins' and Huey's; a plugin's are those with its prefix."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
    if history is OURS:
        return not str(table).startswith(("ext_", "huey_"))
    return str(table).startswith(f"ext_{history.name}_")


def written(kind: str, thing: Any, _context: Any) -> str | bool:
    """Our column types as plain SQLAlchemy: a migration must run when the code has long changed."""
    if kind == "type" and isinstance(thing, UtcMoment):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and thing is JsonValue:
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=history.version_table,
    include_object=belongs_here,
    render_item=written,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
