"""The floor: bare Flask views on the same engine and pool, with the same compression and the same number of bytes."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from flask import Flask, Response, request
from sqlalchemy import bindparam, select

from lms.accounts.models import Person
from lms.database.session import Engines
from tests.bench.floor_table import saved

app = Flask("floor")
engines = Engines(os.environ["LMS_DATABASE_URL"])
BODIES = Path(os.environ["LANTERN_BENCH_BODIES"])
_bodies = {path.stem: path.read_bytes() for path in BODIES.glob("*.html")}
_one = select(Person.id, Person.name, Person.language).where(Person.id == bindparam("id"))
_insert = saved.insert()


@app.get("/page/<name>/<int:person>")
def page(name: str, person: int) -> Response:
    """One indexed SELECT, a body from memory, compressed as ours is."""
    with engines.read.connect() as connection:
        connection.execute(_one, {"id": person}).one()
    response = Response(gzip.compress(_bodies[name], 5, mtime=0), mimetype="text/html")
    response.headers["Content-Encoding"] = "gzip"
    return response


@app.post("/save")
def save() -> Response:
    """One committed INSERT."""
    answer = request.get_json()
    with engines.writing() as connection:
        connection.execute(_insert, {"answer": str(answer)[:200]})
    return Response('{"state": "saved"}', mimetype="application/json")
