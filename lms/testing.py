"""For tests, a plugin's too: a whole site on a fresh database, people in it, and browsers that are signed in."""

from __future__ import annotations

import itertools
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import CodeType
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from lms import clock
from lms.accounts.models import Person, SignIn
from lms.accounts.tokens import hash_of, new_token
from lms.app import create_app
from lms.config import Config
from lms.database.session import Engines, reading, transaction
from lms.web.current import SIGN_IN_KEY

BASE_URL = "http://localhost:8000"


def config_for_tests(database_url: str, instance: Path, **changes: Any) -> Config:
    """A configuration for a site that nobody visits from outside: quick passwords, no limits unless asked for."""
    values: dict[str, Any] = {
        "database_url": database_url,
        "secret_key": "for tests only, " + "0" * 32,
        "base_url": BASE_URL,
        "instance": instance,
        "production": False,
        "password_cost": "test",
        "limits": False,
        "heartbeat": False,
    }
    return Config(**{**values, **changes})


def without_tokens(page: str) -> str:
    """A page without its form tokens, which differ from one second to the next: the rest of two pages compares."""
    return re.sub(r'(name="csrf_token" value|data-token)="[^"]*"', "", page)


class Browser:
    """A client with cookies that sends the form token, as a real page's form does."""

    def __init__(self, app: Flask, client: FlaskClient) -> None:
        self.app = app
        self.client = client

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.client.get(address, base_url=BASE_URL, **options)

    def post(self, address: str, form: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form with its token; give ``json=`` for a script's request (the token then goes into its header)."""
        if "json" in options:
            options["headers"] = {"X-CSRFToken": self.token(), **options.get("headers", {})}
            sent = json.dumps(options.pop("json"))  # as browsers write it: what is no letter as an escape
            return self.client.post(address, data=sent, content_type="application/json", base_url=BASE_URL, **options)
        return self.client.post(
            address, data={"csrf_token": self.token(), **(form or {})}, base_url=BASE_URL, **options
        )

    def post_without_token(self, address: str, form: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(address, data=form or {}, base_url=BASE_URL, **options)

    def token(self) -> str:
        with self.client.session_transaction(base_url=BASE_URL) as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        with self.app.test_request_context(base_url=BASE_URL):
            from flask import session

            session["csrf_token"] = raw
            return str(generate_csrf())


class CompiledTemplates(BytecodeCache):
    """Templates that the first site to use them compiles for all sites of a process."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._found.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._found[bucket.key, bucket.checksum] = bucket.code


COMPILED = CompiledTemplates()


class Site:
    """One app on one database."""

    def __init__(self, config: Config, **options: Any) -> None:
        self.config = config
        self.app = create_app(config, **{"third_party": False, **options})
        self.app.jinja_env.bytecode_cache = COMPILED
        self._numbers = itertools.count(1)

    @property
    def engines(self) -> Engines:
        found: Engines = self.app.extensions["lms.engines"]
        return found

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction of the test's own; closed before a browser acts, as SQLite has one writer."""
        with self.app.app_context(), transaction() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self.app.app_context(), reading() as session:
            yield session

    def person(self, *, role: str = "participant", verified: bool = True, **values: Any) -> Person:
        """A made-up person, written to the database."""
        number = next(self._numbers)
        now = clock.now()
        row: dict[str, Any] = {
            "email": f"person{number}@example.org",
            "name": f"Person {number}",
            "country": "KE",
            "time_zone": "Africa/Nairobi",
            "language": "en",
            "password_hash": "!",
            "role": role,
            "email_verified_at": now if verified else None,
            "registered_at": now,
            "consented_at": now,
        }
        person = Person(**{**row, **values})
        with self.writing() as session:
            session.add(person)
        return person

    def browser(self, person: Person | None = None) -> Browser:
        """A browser of its own; signed in if a person is given."""
        client = self.app.test_client()
        if person is not None:
            token, now = new_token(), clock.now()
            with self.writing() as session:
                session.add(
                    SignIn(
                        token_hash=hash_of(token),
                        person_id=person.id,
                        begun_at=now,
                        expires_at=now + timedelta(days=30),
                    )
                )
            with client.session_transaction(base_url=BASE_URL) as cookie:
                cookie[SIGN_IN_KEY] = token
                cookie["_fresh"] = True
                cookie.permanent = True
        return Browser(self.app, client)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """The SQL statements that are sent inside the block (BEGIN, COMMIT, PRAGMA and pings are not counted)."""
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if not statement.upper().startswith(("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE")):
                seen.append(statement)

        event.listen(self.engines.pool, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.engines.pool, "before_cursor_execute", note)

    def close(self) -> None:
        self.engines.dispose()
