"""The one table of the floor: what a bare INSERT writes to."""

from sqlalchemy import Column, Integer, MetaData, String, Table

saved = Table("bench_floor", MetaData(), Column("id", Integer, primary_key=True), Column("answer", String(200)))
