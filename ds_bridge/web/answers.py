"""Answers: the shapes of requests and answers over HTTP, with descriptions and examples for OpenAPI."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, WithJsonSchema, model_validator
from pydantic.functional_validators import BeforeValidator
from pydantic_core import PydanticCustomError

_SCALAR_TYPES = [{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")]
_LIST = {"type": "array", "items": {"anyOf": _SCALAR_TYPES}}
_ROW = {"type": "object", "additionalProperties": {"anyOf": [*_SCALAR_TYPES, _LIST]}}
_CHAMP_SCHEMA = {
    "anyOf": [*_SCALAR_TYPES, _LIST, _ROW, {"type": "array", "items": _ROW}],
    "description": "Text, a number, a boolean; dates as ISO 8601 text; a list for a multiple choice; rows "
    "(objects, champ to value) for a repeatable block. Null and blank text are left out.",
}


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | bool | int | float | Decimal)


def _is_row(value: object) -> bool:
    return isinstance(value, dict) and all(
        _is_scalar(inner) or (isinstance(inner, list) and all(map(_is_scalar, inner)))
        for inner in value.values()
    )


def _check_shape(value: Any) -> Any:
    if _is_scalar(value) or _is_row(value):
        return value
    if isinstance(value, list) and (all(map(_is_scalar, value)) or all(map(_is_row, value))):
        return value
    raise PydanticCustomError("wrong_shape", "neither a value, nor a list of values, nor rows of values")


ChampJson = Annotated[Any, BeforeValidator(_check_shape), WithJsonSchema(_CHAMP_SCHEMA)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _need_object(cls, value: Any) -> Any:
        """FastAPI lets a model be read from the attributes of anything. A number with a fraction has none of
        them, so it would pass for an empty object."""
        if not isinstance(value, dict):
            raise PydanticCustomError("dict_type", "give an object")
        return value


class IdentityBody(_Body):
    """The person who is logged in to the dashboard, as far as the dashboard knows them. Blank means
    absent."""

    nom: StrictStr | None = Field(None, description="Family name.", examples=["NOËL"])
    prenom: StrictStr | None = Field(None, description="First name.", examples=["Zoé"])
    genre: StrictStr | None = Field(None, description="`M.` or `Mme`.", examples=["Mme"])
    email: StrictStr | None = Field(None, examples=["zoe.noel@example.org"])
    identifiant: StrictInt | StrictStr | None = Field(
        None,
        description="The person's number in the pilotage. It ties the dossier to the person.",
        examples=[4211],
    )
    structure_nom: StrictStr | None = Field(None, examples=["Mairie d’Évry & Cie"])
    structure_identifiant: StrictInt | StrictStr | None = Field(None, examples=[87])


class PrefillBody(_Body):
    """What to prefill a dossier with."""

    identity: IdentityBody | None = Field(
        None,
        description="Each attribute feeds the champ of the same name in the configuration; name, first name "
        "and civility also go where the platform keeps the applicant's identity.",
    )
    champs: dict[str, ChampJson] = Field(
        default_factory=dict,
        description="Values by champ: a name of the configuration, a typed id, a stable number, or an exact "
        "label. A champ given here wins over the identity.",
        examples=[{"email": "zoe.noel@example.org", "temps_total": 5}],
    )
    method: Literal["auto", "link", "draft"] = Field(
        "auto",
        description="`link`: the values travel in the address; nothing is sent to the platform. `draft`: the "
        "platform keeps them, five days, in a draft that the address opens. `auto`: a link, or a draft when "
        "the link would pass 2,000 characters.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "identity": {"nom": "NOËL", "prenom": "Zoé", "identifiant": 4211},
                    "champs": {"structure_nom": "Mairie d’Évry & Cie"},
                    "method": "auto",
                }
            ]
        }
    )


class PrefillAnswer(BaseModel):
    """An address that opens the prefilled dossier."""

    url: str = Field(description="Where to send the person. It holds their data, or opens it: do not log it.")
    method: Literal["link", "draft"] = Field(description="How it was made.")
    length: int = Field(description="Characters of `url`.")
    omitted: list[str] = Field(description="What was given empty and left out.")
    warnings: list[str] = Field(description="What the caller should know, in words for people.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "url": "https://demarche.numerique.gouv.fr/commencer/a-form?identite_nom=NO%C3%8BL",
                    "method": "link",
                    "length": 78,
                    "omitted": [],
                    "warnings": [],
                }
            ]
        }
    )


class ChampAnswer(BaseModel):
    """One champ of a form."""

    id: str | None = Field(description="The typed id, as prefill takes it.", examples=["Q2hhbXAtMzU2NjQ5MQ"])
    number: int | None = Field(description="The stable number behind the id.")
    names: list[str] = Field(description="What the configuration calls it.", examples=[["nom"]])
    kind: str = Field(examples=["text"])
    label: str
    description: str
    section: str | None = Field(description="The label of the nearest title above it.")
    required: bool
    prefillable: bool = Field(description="Whether the platform can prefill this kind.")
    options: list[str] | None = Field(description="The choices of a list, in order.")
    other_option: bool = Field(description="Whether free text is accepted beside the choices.")
    champs: list[ChampAnswer] = Field(description="The champs of a repeatable block.")


class FormAnswer(BaseModel):
    """A démarche's form."""

    number: int = Field(description="The démarche's number.", examples=[82349])
    title: str
    source: Literal["platform", "store"] = Field(
        description="`platform`: the public form; `store`: the form that the last sync kept."
    )
    champs: list[ChampAnswer]


class HealthAnswer(BaseModel):
    """The process is alive."""

    status: Literal["ok"] = "ok"


class ReadyAnswer(BaseModel):
    """The service can serve requests."""

    status: Literal["ready"] = "ready"
    checks: dict[str, str] = Field(examples=[{"configuration": "ok", "store": "ok"}])


class IndexAnswer(BaseModel):
    """What this service is, and where to read more."""

    service: str
    version: str
    docs: str = Field("/docs", description="Everything in detail, for people.")
    openapi: str = Field("/openapi.json", description="The same for programs.")
    demarches: str = Field("/v1/demarches", description="With a key: the démarches that it opens.")
    health: str = "/healthz"
    ready: str = "/readyz"
    metrics: str = "/metrics"


class DemarcheAnswer(BaseModel):
    """One démarche of the service."""

    name: str = Field(description="Its name in the addresses under `/v1/demarches`.", examples=["cra"])
    number: int = Field(description="Its number on the platform.", examples=[82349])
    links: bool = Field(description="Whether links can be made: that needs a path in the configuration.")
    dossiers: bool = Field(description="Whether dossiers and people are given out.")
    as_of: dt.datetime | None = Field(description="When the last good sync began; null before the first.")


class DemarchesAnswer(BaseModel):
    """The démarches that the key opens."""

    demarches: list[DemarcheAnswer]
