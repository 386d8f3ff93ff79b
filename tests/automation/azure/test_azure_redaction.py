"""No secret survives in a sentence."""

import pytest

from automation.azure import redact

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"Authorization: Bearer {JWT}", "Authorization: Bearer REDACTED"),
        ("authorization: bearer abcdef0123456789", "authorization: bearer REDACTED"),
        ("SharedKey account:AbCdEf0123456+/==", "SharedKey REDACTED"),
        (f"token {JWT} expired", "token REDACTED expired"),
        (
            "https://a.blob.core.windows.net/c/b?sv=2024&sig=aB%2Bc%3D&se=1",
            "https://a.blob.core.windows.net/c/b?sv=2024&sig=REDACTED&se=1",
        ),
        ("url=https%3A%2F%2Fx%3Fsig%3DabcDEF", "url=https%3A%2F%2Fx%3Fsig%3DREDACTED"),
        ('{"sasToken": "sv=1&sp=r"}', '{"sasToken": REDACTED}'),
        ("AccountKey=abc123==;EndpointSuffix=x", "AccountKey=REDACTED;EndpointSuffix=x"),
        ("Ocp-Apim-Subscription-Key: 0123abc", "Ocp-Apim-Subscription-Key: REDACTED"),
        ("client_secret=hush&grant_type=client_credentials", "client_secret=REDACTED&grant_type=client_credentials"),
        ("{'key1': 'aaa', 'key2': 'bbb'}", "{'key1': REDACTED, 'key2': REDACTED}"),
        ('"primaryKey":"aaa"', '"primaryKey":REDACTED'),
        ("the key of the design is sign language", "the key of the design is sign language"),
        ("Bearer authentication is refused", "Bearer authentication is refused"),
    ],
)
def test_secrets_are_taken_out_and_the_rest_stays(text: str, clean: str) -> None:
    assert redact(text) == clean


def test_known_secrets_are_taken_out_wherever_they_stand() -> None:
    assert redact("said: hunter22 twice hunter22", ["hunter22", "a", ""]) == "said: REDACTED twice REDACTED"
