"""Tokens: cached as long as they are good, and clear words when there is none."""

import subprocess
import sys
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.identity import CredentialUnavailableError

from automation.azure import default_tokens, local_cloud, local_tokens
from automation.azure.credentials import IdentityTokens
from automation.errors import ConfigError, TransportError, Unauthorized
from tests.automation.azure.fakes import FakeClock, a_cloud


class FakeCredential:
    """Gives numbered tokens that live for `life_s`, or raises."""

    def __init__(self, clock: FakeClock, life_s: int = 3600, raises: Exception | None = None) -> None:
        self.clock, self.life_s, self.raises = clock, life_s, raises
        self.asked: list[str] = []

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        if self.raises:
            raise self.raises
        self.asked.extend(scopes)
        return AccessToken(f"token-{len(self.asked)}", int(self.clock.now().timestamp()) + self.life_s)


def tokens(credential: FakeCredential) -> IdentityTokens:
    return IdentityTokens(lambda: credential, hint="sign in", secrets=("hunter22",), clock=credential.clock)


def test_a_token_is_asked_for_once_per_scope() -> None:
    credential = FakeCredential(FakeClock())
    source = tokens(credential)
    assert [source.token("a"), source.token("a"), source.token("b")] == ["token-1", "token-1", "token-2"]
    assert credential.asked == ["a", "b"]


@pytest.mark.parametrize(("life_s", "good_s"), [(3600, 3300), (400, 200), (60, 30)])
def test_a_token_is_renewed_before_it_ends(life_s: int, good_s: int) -> None:
    clock = FakeClock()
    source = tokens(FakeCredential(clock, life_s=life_s))
    source.token("a")
    clock.sleep(good_s - 1)
    assert source.token("a") == "token-1"
    clock.sleep(1)
    assert source.token("a") == "token-2"


def refused() -> ClientAuthenticationError:
    return ClientAuthenticationError(
        "Authentication failed: AADSTS7000215: Invalid client secret hunter22. Trace ID: 1 Timestamp: 2"
    )


def refused_in_a_chain() -> ClientAuthenticationError:
    attempts = "EnvironmentCredential: Authentication failed: AADSTS700016: No such application.\r\nTrace ID: 1"
    return ClientAuthenticationError(f"DefaultAzureCredential failed to retrieve a token.\nAttempted:\n\t{attempts}")


@pytest.mark.parametrize(
    ("raised", "kind", "message"),
    [
        (
            CredentialUnavailableError("Please run 'az login'.\nMore"),
            ConfigError,
            "nobody is signed in to Azure (Please run 'az login')",
        ),
        (
            ClientAuthenticationError("DefaultAzureCredential failed."),
            ConfigError,
            "nobody is signed in to Azure (DefaultAzureCredential failed)",
        ),
        (refused(), Unauthorized, "sign in for s: Invalid client secret REDACTED [AADSTS7000215]"),
        (refused_in_a_chain(), Unauthorized, "sign in for s: No such application [AADSTS700016]"),
        (ServiceRequestError("refused"), TransportError, "sign in for s: no answer (refused)"),
        (ValueError("bad tenant"), ConfigError, "signing in for s failed: bad tenant"),
    ],
)
def test_failing_to_sign_in_says_why_and_what_to_do(raised: Exception, kind: type[Exception], message: str) -> None:
    source = tokens(FakeCredential(FakeClock(), raises=raised))
    with pytest.raises(kind) as caught:
        source.token("s")
    assert (str(caught.value), getattr(caught.value, "hint", None)) == (message, "sign in")


def test_the_default_chain_without_anyone_signed_in_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    import azure.identity

    def nobody(**_: object) -> FakeCredential:
        return FakeCredential(FakeClock(), raises=CredentialUnavailableError("none worked"))

    monkeypatch.setattr(azure.identity, "DefaultAzureCredential", nobody)
    source = default_tokens(a_cloud())
    with pytest.raises(ConfigError) as caught:
        source.token("s")
    assert caught.value.hint == "run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"


def test_a_repr_shows_no_secret() -> None:
    source = local_tokens(a_cloud(), "app", "hunter22")
    assert repr(source) == "IdentityTokens(scopes=[])"


CONNECTION = {"origin": "https://localhost:8443/", "ca_file": "/ca.pem", "tenant_id": "t", "subscription_id": "s"}


def test_a_connection_file_becomes_a_cloud() -> None:
    cloud = local_cloud(CONNECTION | {"client_secret": "hunter22"})
    assert (cloud.arm_endpoint, cloud.arm_scope, cloud.is_local) == (
        "https://localhost:8443",
        "https://localhost:8443/.default",
        True,
    )
    assert "hunter22" not in repr(cloud)


@pytest.mark.parametrize("origin", ["", 7, None])
def test_a_damaged_connection_file_is_named(origin: object) -> None:
    with pytest.raises(ConfigError) as caught:
        local_cloud(CONNECTION | {"origin": origin})
    assert str(caught.value) == "the connection file of the local Azure lacks origin"


def test_the_door_loads_neither_httpx_nor_azure_identity() -> None:
    slow = ("azure.core", "azure.identity", "httpx", "obstore", "requests", "ssl")
    code = f"import automation.azure, sys; print([name for name in {slow} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "[]\n"
