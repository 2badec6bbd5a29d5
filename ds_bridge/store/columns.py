"""Column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import (
    JSON,
    BigInteger,
    BindParameter,
    ColumnElement,
    DateTime,
    Dialect,
    Integer,
    Text,
    cast,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator, TypeEngine

from ds_bridge.store.encoding import clean_text

_Instant: TypeAlias = TypeDecorator[datetime]
_Text: TypeAlias = TypeDecorator[str]
_Json: TypeAlias = TypeDecorator[Any]


class NaiveDatetimeError(ValueError, DontWrapMixin):
    """The caller gave the store a datetime without a timezone: a fault of the caller."""


class Instant(_Instant):
    """A moment. Takes a timezone-aware datetime, gives it back in UTC.

    SQLite keeps text of one fixed width, so that the order of the text is the order of time.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Text on SQLite, `timestamptz` elsewhere."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())  # type: ignore[arg-type]  # a moment kept as text
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """To UTC, and to text on SQLite."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise NaiveDatetimeError("the store takes timezone-aware datetimes only")
        moment = value.astimezone(UTC)
        if dialect.name != "sqlite":
            return moment
        return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

    def process_result_value(self, value: datetime | str | None, dialect: Dialect) -> datetime | None:
        """Aware, in UTC, whatever the session's timezone."""
        del dialect
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return None if value is None else value.astimezone(UTC)


class SafeText(_Text):
    """Text without the characters that a database refuses: they become U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace NUL and lone surrogates."""
        del dialect
        return None if value is None else clean_text(value)


class Utf8Json(_Json):
    """JSON text on SQLite, bound as the bytes it was encoded to.

    A string would be decoded here, and the driver would encode it again.
    """

    impl = JSON
    cache_ok = True

    def bind_expression(self, bindparam: BindParameter[Any]) -> ColumnElement[Any]:
        """SQLite takes bytes for a BLOB. Cast to TEXT, which keeps the same bytes."""
        return cast(bindparam, Text)


# `number` is SQLite's own rowid. Only the plain spelling INTEGER makes it so.
Number = BigInteger().with_variant(Integer(), "sqlite")
# Keys keep the order in which they were written, because people read these.
Ordered = JSON(none_as_null=True).with_variant(Utf8Json(none_as_null=True), "sqlite")
# PostgreSQL can index these, but it does not keep the order of keys.
Searchable = Ordered.with_variant(JSONB(none_as_null=True), "postgresql")
