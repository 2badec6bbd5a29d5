"""Control: the addresses under `/sandbox/…`, for tests in other processes. The platform has none of these.

POST   /sandbox/faults        a Fault → {"id": 1}        GET lists them, DELETE clears (or one, by id)
POST   /sandbox/world         a Change → what changed
GET    /sandbox/requests      the journal                DELETE empties it
POST   /sandbox/limit         {"per_minute": 400}
POST   /sandbox/skew          {"seconds": 120}
POST   /sandbox/door          {"closed_seconds": 5}    every connection is refused, but for this answer
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from ds_bridge.sandbox.broken import CONNECTION_KEY
from ds_bridge.sandbox.dossiers import DeletedDossier, Dossier, SandboxError
from ds_bridge.sandbox.faults import Fault, Faults
from ds_bridge.sandbox.journal import Journal
from ds_bridge.sandbox.limits import RateLimit
from ds_bridge.sandbox.world import CRA_NUMBER, World


class Change(BaseModel):
    """A change of the world. `number`: the dossier. `at`: when it happens; by default now."""

    model_config = ConfigDict(extra="forbid")

    do: Literal["modify", "state", "hide", "restore", "delete", "add", "advance"]
    number: int | None = None
    values: dict[int, Any] | None = None
    state: str | None = None
    by: Literal["user", "administration"] = "user"
    reason: str = "user_request"
    at: dt.datetime | None = None
    touch: bool = True
    demarche: int = CRA_NUMBER
    count: Annotated[int, Field(ge=1, le=100_000)] = 1
    seconds: float = 0


class Limit(BaseModel):
    per_minute: int | None


class Skew(BaseModel):
    seconds: float


class Door(BaseModel):
    closed_seconds: Annotated[float, Field(gt=0, le=3600)]


def create_control(world: World, faults: Faults, limit: RateLimit, journal: Journal) -> APIRouter:
    """The router of `/sandbox`."""
    router = APIRouter(prefix="/sandbox", include_in_schema=False)

    @router.post("/faults")
    async def add_fault(fault: Fault) -> dict[str, int]:
        return {"id": faults.add(fault)}

    @router.get("/faults")
    async def list_faults() -> list[dict[str, Any]]:
        return [
            {"id": key, "struck": struck, **fault.model_dump(exclude_defaults=True)}
            for key, (fault, struck) in faults.scripted().items()
        ]

    @router.delete("/faults")
    async def clear_faults() -> dict[str, bool]:
        faults.clear()
        return {"cleared": True}

    @router.delete("/faults/{number}")
    async def remove_fault(number: int) -> dict[str, bool]:
        return {"removed": faults.remove(number)}

    @router.get("/requests")
    async def list_requests(operation: str | None = None) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in journal.entries(operation)]

    @router.delete("/requests")
    async def clear_requests() -> dict[str, bool]:
        journal.clear()
        return {"cleared": True}

    @router.post("/limit")
    async def set_limit(new: Limit) -> Limit:
        limit.per_minute = new.per_minute
        limit.reset()
        return new

    @router.post("/skew")
    async def set_skew(new: Skew) -> Skew:
        faults.skew_seconds = new.seconds
        return new

    @router.post("/door")
    async def close_door(new: Door, request: Request) -> JSONResponse:
        refuse = getattr(request.app.state, "refuse_for", None)
        if refuse is None:
            raise HTTPException(409, "this server cannot close its door: start it with SandboxServer")
        await refuse(new.closed_seconds, request.scope.get(CONNECTION_KEY))
        return JSONResponse(new.model_dump(), headers={"Connection": "close"})

    @router.post("/world")
    async def change_world(change: Change) -> dict[str, Any]:
        try:
            return apply_change(world, change)
        except SandboxError as error:
            raise HTTPException(409, str(error)) from error

    return router


def apply_change(world: World, change: Change) -> dict[str, Any]:
    """Do one change. Gives its result. Raises SandboxError."""
    if change.do == "advance":
        return {"now": world.advance(dt.timedelta(seconds=change.seconds)).isoformat()}
    if change.do == "add":
        added = world.add_dossiers(change.count, change.demarche)
        return {"numbers": [dossier.number for dossier in added]}
    if change.number is None:
        raise SandboxError(f"{change.do} needs the number of a dossier")
    return _describe(_change_dossier(world, change, change.number))


def _change_dossier(world: World, change: Change, number: int) -> Dossier | DeletedDossier:
    match change.do:
        case "state":
            return world.change_state(number, change.state or "en_instruction", at=change.at)
        case "hide" if change.by == "administration":
            return world.hide_by_administration(number, at=change.at)
        case "hide":
            return world.hide_by_user(number, at=change.at)
        case "restore":
            return world.restore(number)
        case "delete":
            return world.delete(number, change.reason)
        case _:
            return world.modify(number, change.values, at=change.at, touch=change.touch)


def _describe(changed: Dossier | DeletedDossier) -> dict[str, Any]:
    if isinstance(changed, DeletedDossier):
        return {"number": changed.number, "deleted_at": changed.deleted_at.isoformat()}
    return {
        "number": changed.number,
        "state": changed.state,
        "modified_at": changed.modified_at.isoformat(),
        "hidden": changed.is_pending_deletion,
    }
