"""Keys of other issuers, told to a whole local Azure by its owner."""

from typing import Any

KEY = {"kty": "RSA", "kid": "k", "n": "AQAB", "e": "AQAB"}


def send(graph: Any, method: str, body: object = None, **query: str) -> Any:
    headers = {"Authorization": query.pop("token", "Bearer admin")}
    return graph.lab.send(method, "/_local/issuers", body, None, headers=headers, params=query)


def test_keys_are_kept_without_their_private_parts_and_forgotten(graph: Any) -> None:
    said = {"issuer": "https://ci.example", "keys": [KEY | {"d": "private"}, {"kty": "EC"}]}
    kept = {"issuer": "https://ci.example", "keys": [KEY]}
    assert send(graph, "PUT", said).json() == kept
    assert send(graph, "GET").json() == {"issuers": [kept]}
    assert send(graph, "DELETE", issuer="https://ci.example").status_code == 204
    assert send(graph, "DELETE", issuer="https://ci.example").status_code == 404
    assert send(graph, "GET").json() == {"issuers": []}


def test_only_the_owner_says_whom_to_believe(graph: Any) -> None:
    said = {"issuer": "https://ci.example", "keys": [KEY]}
    for token in ("Bearer wrong", f"Bearer {graph.lab.token()}"):
        assert send(graph, "PUT", said, token=token).status_code == 401


def test_what_is_no_jwks_document_is_refused(graph: Any) -> None:
    refused: tuple[object, ...] = (
        {"keys": [KEY]},
        {"issuer": "x", "keys": []},
        {"issuer": "x", "keys": [{"kty": "EC"}]},
        ["x"],
    )
    for wrong in refused:
        answer = send(graph, "PUT", wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")
