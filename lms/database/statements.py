"""Statements that are built once, when their module is read, and run at request after request."""

from __future__ import annotations

import itertools
from collections import namedtuple
from collections.abc import Mapping
from typing import Any, NoReturn

from sqlalchemy import Connection
from sqlalchemy.sql import roles
from sqlalchemy.sql.lambdas import LambdaOptions, StatementLambdaElement

_numbers = itertools.count()
_named_tuple: Any = namedtuple  # of columns that only the running statement knows


class BuiltOnce(StatementLambdaElement):
    """A statement that is found again by a number of its own: its values come with each execution, all else stands.

    SQLAlchemy finds the SQL that it has made of a statement by everything in that statement, and for one of a page
    this takes up to a third of executing it. Its way around it is `sqlalchemy.lambda_stmt`, of which this is one that
    is told that nothing varies: each statement has a number because one lambda makes all of them, and a cache of its
    own so that none is made twice.
    """

    _row: Any = None

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[Any]:
        """Run it; its rows as named tuples.

        SQLAlchemy's own rows find a column by its name only after they have failed to find an attribute, which takes
        twenty times as long, and many a page asks for forty.
        """
        result = connection.execute(self, values)
        if self._row is None:
            self._row = _named_tuple("Row", result.keys())
        return [*map(self._row._make, result.all())]

    def add_criteria(self, *_criteria: Any, **_options: Any) -> NoReturn:
        """Refuse: a value in another lambda would be kept from the first execution for all that follow."""
        raise TypeError("nothing is added to a statement that is built once; call .where() and the like on it")

    __add__ = add_criteria

    def _clone(self, **_options: Any) -> NoReturn:
        # A copy with other values in it would be found by the number of this one.
        raise TypeError("a statement that is built once is no part of another one; use what it was built of")

    @property
    def _proxied(self) -> Any:
        # What it stands for: its parent looks for that under a name that is not there, and finds it at the fourth try.
        return self._rec.expected_expr


def built_once(statement: Any) -> BuiltOnce:
    """Return a statement of which nothing varies but the values, as one that is found quickly."""
    options = LambdaOptions(
        track_on=[next(_numbers)],
        track_closure_variables=False,
        track_bound_values=False,
        global_track_bound_values=False,
        lambda_cache={},
    )
    return BuiltOnce(lambda: statement, roles.StatementRole, options)
