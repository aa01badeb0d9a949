"""Login, refresh, logout, who am I."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway import passwords, people
from gateway.calls import Call, SignedIn, json_response, permitted
from gateway.context import Gateway
from gateway.identity import ACCESS_COOKIE, ACCESS_PATH, User, bearer_of
from gateway.problems import trace_id_of
from gateway.rest import PREFIX
from gateway.sessions import Issued
from gateway.tables import Outcome
from gateway.writes import Write
from kernel.contracts.plain import Plain
from kernel.model.errors import DomainError

router = APIRouter(prefix="/auth", tags=["登录"])

REFRESH_COOKIE = "simkeep_refresh"
REFRESH_PATH = f"{PREFIX}/auth"


class Credentials(Plain):
    """Login is not case sensitive."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"login": "county1", "password": "…"}]})
    login: str = Field(min_length=1, max_length=50)
    password: str = Field(min_length=1, max_length=passwords.MAX_LENGTH)


class PasswordChange(Plain):
    """Changes one's own password and ends all of one's logins."""

    model_config = ConfigDict(extra="forbid")
    current_password: str = Field(min_length=1, max_length=passwords.MAX_LENGTH)
    password: str = Field(min_length=passwords.MIN_LENGTH, max_length=passwords.MAX_LENGTH)


class Me(BaseModel):
    login: str
    name: str
    unit: str
    unit_name: str
    roles: list[str]
    permissions: list[str]


class LoggedIn(BaseModel):
    """The refresh token comes as an httpOnly cookie beside it. ``expires_in``: seconds."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  (a scheme, no secret)
    expires_in: int
    user: Me


def _me(user: User) -> dict[str, Any]:
    return {
        "login": user.login,
        "name": user.name,
        "unit": user.unit,
        "unit_name": user.unit_name,
        "roles": list(user.roles),
        "permissions": sorted(user.permissions),
    }


async def _logged_in(request: Request, issued: Issued) -> Response:
    gateway: Gateway = request.app.state.gateway
    user = await gateway.authenticator.user(issued.access_token)
    content = {
        "access_token": issued.access_token,
        "token_type": "Bearer",
        "expires_in": gateway.settings.access_token_seconds,
        "user": _me(user),
    }
    response = json_response(content)
    secure = gateway.settings.cookie_secure
    if secure is None:
        secure = request.url.scheme == "https"
    response.set_cookie(
        REFRESH_COOKIE, issued.refresh_token, max_age=gateway.settings.refresh_token_seconds, path=REFRESH_PATH,
        secure=secure, httponly=True, samesite="strict",
    )  # fmt: skip
    response.set_cookie(
        ACCESS_COOKIE, issued.access_token, max_age=gateway.settings.access_token_seconds, path=ACCESS_PATH,
        secure=secure, httponly=True, samesite="strict",
    )  # fmt: skip
    return response


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


async def _note(request: Request, action: str, user: User, outcome: Outcome, status: int) -> None:
    gateway: Gateway = request.app.state.gateway
    write = Write(user, action, user.login, {}, None, b"", trace_id_of(request), _address(request))
    await gateway.writes.note(write, outcome, status)


async def _note_refused(request: Request, action: str, login: str, error: DomainError) -> None:
    """Under the name that was tried, in the unit of whoever has it, so that his administrators see it.

    What the throttle refuses is noted now and then only: a flood must not fill the log.
    """
    gateway: Gateway = request.app.state.gateway
    throttled = error.code == "login_throttled"
    if throttled and gateway.throttled_notes.take(_address(request)) > 0:
        return
    login = login.strip().lower()[:50]
    async with gateway.engine.connect() as connection:
        name, unit = await people.name_and_unit_of(connection, login)
    who = User(login, name, unit, "", (), frozenset())
    await _note(request, action, who, Outcome.REFUSED, 429 if throttled else 401)


@router.post("/login", response_model=LoggedIn, summary="登录")
async def login(request: Request, credentials: Credentials) -> Response:
    """Wrong passwords slow down the address, and the login where it is a stranger (429)."""
    gateway: Gateway = request.app.state.gateway
    try:
        issued = await gateway.sessions.login(credentials.login, credentials.password, _address(request))
    except DomainError as error:
        await _note_refused(request, "auth.login", credentials.login, error)
        raise
    user = await gateway.authenticator.user(issued.access_token)
    await _note(request, "auth.login", user, Outcome.DONE, 200)
    return await _logged_in(request, issued)


@router.post("/refresh", response_model=LoggedIn, summary="续期")
async def refresh(request: Request) -> Response:
    """A new pair of tokens for the refresh cookie. A cookie that was used before ends the session."""
    token = request.cookies.get(REFRESH_COOKIE)
    if not token:
        raise DomainError("not_signed_in")
    gateway: Gateway = request.app.state.gateway
    return await _logged_in(request, await gateway.sessions.refresh(token, _address(request)))


@router.post("/logout", status_code=204, summary="退出")
async def logout(request: Request) -> Response:
    """Ends the session of the cookie or of the access token; the latter is void at once."""
    gateway: Gateway = request.app.state.gateway
    session = None
    if token := bearer_of(request):
        try:
            session = (await gateway.authenticator.user(token)).session
        except DomainError:
            session = None
    await gateway.sessions.logout(request.cookies.get(REFRESH_COOKIE), session)
    response = Response(status_code=204)
    response.delete_cookie(REFRESH_COOKIE, path=REFRESH_PATH)
    response.delete_cookie(ACCESS_COOKIE, path=ACCESS_PATH)
    return response


@router.get("/me", response_model=Me, summary="当前用户")
async def me(user: SignedIn) -> Response:
    """Who is signed in, where, and what he may do."""
    return json_response(_me(user))


@router.post("/password", status_code=204, summary="修改密码")
async def change_password(body: PasswordChange, call: Annotated[Call, Depends(permitted())]) -> Response:
    """For people; an API key has no password. Wrong ones slow down as at the login (429)."""
    token_version = await _checked(call, body.current_password)
    password_hash = await passwords.hash_password(body.password)

    async def act(connection: Any) -> Response:
        await people.set_own_password(connection, call.user, password_hash, token_version=token_version)
        return Response(status_code=204)

    return await call.act("auth.password", call.user.login, body, act)


async def _checked(call: Call, present: str) -> int:
    """The person's token version, which goes with his password. Raises password_wrong or login_throttled."""
    login = call.user.login
    try:
        return await call.gateway.sessions.check_password(login, present, _address(call.request))
    except DomainError as error:
        await _note_refused(call.request, "auth.password", login, error)
        if error.code == "login_failed":
            raise DomainError("password_wrong") from error
        raise
