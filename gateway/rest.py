"""How REST differs from the contracts: unit names beside codes, job ids that name their service, parsed forms."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar, get_args, get_origin
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from gateway.problems import validation_errors
from gateway.units import UNIT_FIELDS
from kernel.contracts import topology
from kernel.model.errors import DomainError

PREFIX = "/api/v1"
NESTED = ("allocation", "form", "application", "line", "lines", "cities", "decisions", "standing")
"""Fields of replies that hold other replies with units in them."""
Model = TypeVar("Model", bound=BaseModel)
Shape = Callable[[Any], Any]

_ETAG = re.compile(r'(?:W/)?"(\d{1,10})"')
_SEPARATORS = re.compile(r"[\s,;，；、]+")


@cache
def named(model: type[BaseModel]) -> type[BaseModel]:
    """A reply model as REST shows it: with ``<field>_name`` beside each unit code, in items and ``NESTED`` too."""
    added: dict[str, Any] = {f"{name}_name": (str | None, None) for name in UNIT_FIELDS if name in model.model_fields}
    for name in ("items", *NESTED):
        field = model.model_fields.get(name)
        if field is None:
            continue
        listed = get_origin(field.annotation) is list
        inner = get_args(field.annotation)[0] if listed else field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            added[name] = (list[named(inner)] if listed else named(inner), ...)  # type: ignore[misc]
    if not added:
        return model
    return create_model(model.__name__, __base__=model, __module__=__name__, __doc__=model.__doc__, **added)


class JobLinks(BaseModel):
    """Where to watch a job."""

    job: str
    events: str
    rows: str


class Accepted(BaseModel):
    """The work goes on as a job; its progress and rows are under ``links``."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job_id": "inventory-7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11",
                    "links": {
                        "job": "/api/v1/jobs/inventory-7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11",
                        "events": "/api/v1/jobs/inventory-7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11/events",
                        "rows": "/api/v1/jobs/inventory-7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11/rows",
                    },
                }
            ]
        }
    )
    job_id: str
    links: JobLinks


def job_links(job_id: str) -> dict[str, str]:
    base = f"{PREFIX}/jobs/{job_id}"
    return {"job": base, "events": f"{base}/events", "rows": f"{base}/rows"}


def accepted(service: str, reply: Mapping[str, Any]) -> dict[str, Any]:
    """A service's JobAccepted as REST answers it."""
    job_id = f"{service}-{reply['job_id']}"
    return {"job_id": job_id, "links": job_links(job_id)}


def or_job(service: str, shape: Shape) -> Shape:
    """For acts that become a job when they are large: the job as REST answers it (202), else the reply in ``shape``."""

    def shaped(reply: Any) -> Any:
        job_id = reply.pop("job_id", None)
        return shape(reply) if job_id is None else accepted(service, {"job_id": job_id})

    return shaped


LARGE: dict[int | str, dict[str, Any]] = {202: {"model": Accepted, "description": "数量很大，作为任务执行"}}
"""What the API documentation says of such acts besides."""


def split_job_id(job_id: str) -> tuple[str, UUID]:
    """(service, its own job id) of a REST job id; DomainError job_id_malformed otherwise."""
    service, _, rest = job_id.partition("-")
    try:
        if service in topology.SERVICES:
            return service, UUID(rest)
    except ValueError:
        pass
    raise DomainError("job_id_malformed", job_id=job_id)


def parse(model: type[Model], values: Mapping[str, Any]) -> Model:
    """A model from form fields, or DomainError request_invalid that points at them."""
    try:
        return model.model_validate({name: value for name, value in values.items() if value != ""})
    except ValidationError as error:
        raise DomainError("request_invalid", errors=validation_errors(error.errors())) from error


def split_list(values: Any) -> Any:
    """A pasted list: every value may hold many, parted by spaces, lines, commas or semicolons."""
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, list):
        return values
    return [part for value in values for part in _SEPARATORS.split(str(value)) if part]


def etag(version: int) -> dict[str, str]:
    return {"ETag": f'"{version}"'}


def version_of(reply: Mapping[str, Any]) -> dict[str, str]:
    """The ETag of what an act answers: of the thing itself, or of the one thing in it."""
    for thing in (reply, *(reply.get(name) for name in NESTED)):
        if isinstance(thing, Mapping) and isinstance(thing.get("version"), int):
            return etag(thing["version"])
    return {}


def if_match(request: Request) -> int:
    """The version that the client edits; DomainError precondition_required, or version_stale for a foreign tag."""
    version = if_match_given(request)
    if version is None:
        raise DomainError("precondition_required")
    return version


def if_match_given(request: Request) -> int | None:
    """As `if_match`, None without the header."""
    given = request.headers.get("if-match")
    if given is None:
        return None
    found = _ETAG.fullmatch(given.strip())
    if found is None:
        raise DomainError("version_stale")
    return int(found[1])
