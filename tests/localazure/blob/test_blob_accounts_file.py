import json
from pathlib import Path

from localazure.blob.accounts_file import AccountsFile
from localazure.blob.signing import authorization
from localazure.blobs import PublishedAccount


def an_account(name: str = "stlab1", *, shared_key: bool = True) -> PublishedAccount:
    return PublishedAccount(
        id=f"/subscriptions/s/{name}",
        name=name,
        keys=("a2V5MQ==", "a2V5Mg=="),
        shared_key=shared_key,
        public_access=False,
    )


def test_the_file_holds_keys_and_is_the_owners_alone(tmp_path: Path) -> None:
    file = AccountsFile(tmp_path / "accounts.json", signing_keys=[])
    file.publish({"stlab1": an_account()})
    secret = (tmp_path / "delegation.key").read_text()
    assert json.loads(file.path.read_text()) == {
        "signingKeys": [],
        "delegationKey": secret,
        "accounts": {
            "stlab1": {"id": "/subscriptions/s/stlab1", "keys": ["a2V5MQ==", "a2V5Mg=="], "publicAccess": False}
        },
    }
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}
    assert AccountsFile(file.path, signing_keys=[]).path == file.path
    assert (tmp_path / "delegation.key").read_text() == secret
    assert "a2V5" not in repr(an_account())


def test_without_shared_keys_only_we_have_a_key_that_works(tmp_path: Path) -> None:
    file = AccountsFile(tmp_path / "accounts.json", signing_keys=[])
    file.publish({"stlab1": an_account(shared_key=False)})
    first = file.own_key("stlab1")
    published = json.loads(file.path.read_text())["accounts"]["stlab1"]["keys"]
    assert (published, first in {"a2V5MQ==", "a2V5Mg=="}) == ([first], False)
    file.publish({"stlab1": an_account(shared_key=False), "other": an_account("other")})
    assert file.own_key("stlab1") == first
    file.publish({"stlab1": an_account()})
    assert file.own_key("stlab1") == "a2V5MQ=="
    file.publish({})
    assert file.own_key("stlab1") is None


def test_the_signature_is_that_of_azure_storage_blob() -> None:
    from azure.core.pipeline import PipelineContext, PipelineRequest
    from azure.core.pipeline.transport import HttpRequest
    from azure.storage.blob._shared.authentication import SharedKeyCredentialPolicy

    url = "https://127.0.0.1:10000/stlab1/pictures/a%20b.jpg?comp=metadata&timeout=5"
    headers = {"x-ms-date": "Mon, 01 Jun 2026 00:00:00 GMT", "x-ms-version": "2025-11-05", "content-length": "3",
               "content-type": "image/jpeg", "x-ms-meta-b": "2", "x-ms-meta-a": "1"}  # fmt: skip
    request = HttpRequest("PUT", url, headers=dict(headers))
    policy = SharedKeyCredentialPolicy("stlab1", "a2V5MQ==")
    policy.on_request(PipelineRequest(request, PipelineContext(None)))  # pyright: ignore[reportUnknownMemberType] the SDK's generics
    ours = authorization(
        account="stlab1",
        key="a2V5MQ==",
        method="PUT",
        path="/stlab1/pictures/a%20b.jpg",
        params={"comp": "metadata", "timeout": "5"},
        headers=headers,
    )
    assert ours == request.headers["Authorization"]
