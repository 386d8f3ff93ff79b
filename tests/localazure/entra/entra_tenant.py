"""A tenant with one application and a clock that stands still, for tests of Entra ID."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from localazure.entra.applications import Application, Secret, digest_of
from localazure.entra.assertions import Assertions
from localazure.entra.issuers import Issuers
from localazure.entra.keys import SigningKey
from localazure.entra.service import TokenService
from localazure.entra.tokens import Tokens
from localazure.store import Store

TENANT, CLIENT, OBJECT = (f"{digit * 8}-1111-4111-8111-{digit * 12}" for digit in "123")
ORIGIN = "https://localhost:8443"
KEY = SigningKey(None)
START = datetime(2026, 6, 1, tzinfo=UTC)


class StillClock:
    """Moves only when a test says so."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()


class OneApplication:
    """The directory of a tenant with one application."""

    def __init__(self, application: Application) -> None:
        self._application = application

    def find(self, client_id: str) -> Application | None:
        return self._application if client_id == self._application.client_id else None


def an_application(**changed: Any) -> Application:
    known: dict[str, Any] = {
        "client_id": CLIENT,
        "object_id": OBJECT,
        "secrets": (Secret(digest=digest_of("right")),),
    }
    return Application(**(known | changed))


def no_request(url: str) -> Any:
    raise AssertionError(f"nobody may ask {url}")


def the_tokens(clock: StillClock | None = None, key: SigningKey = KEY) -> Tokens:
    return Tokens(key=key, tenant_id=TENANT, origin=ORIGIN, clock=clock or StillClock())


def the_service(
    application: Application,
    *,
    clock: StillClock | None = None,
    fetch: Callable[[str], Any] = no_request,
    registered: dict[str, Any] | None = None,
) -> TokenService:
    clock = clock or StillClock()
    own = (f"https://sts.windows.net/{TENANT}/", f"{ORIGIN}/{TENANT}/v2.0")
    issuers = Issuers(Store(None), dict.fromkeys(own, lambda: KEY.jwks(clock.now())), fetch=fetch)
    if registered is not None:
        issuers.register(registered)
    return TokenService(
        tenant_id=TENANT,
        origin=ORIGIN,
        applications=OneApplication(application),
        assertions=Assertions(tenant_id=TENANT, origin=ORIGIN, issuers=issuers, clock=clock),
        tokens=the_tokens(clock),
        clock=clock,
    )
