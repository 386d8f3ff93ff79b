"""What the CLI says when it fails, and what we make of it."""

import pytest

from automation.errors import ConfigError, LabBusy, LabError
from automation.provision.pulumi_cli_failures import explain

LOCKED = """ code: 255
 stdout:
 stderr: error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete ...
  file:///state/.pulumi/locks/x.json: created by me@here (pid 4242) at 2026-11-20T10:00:00Z
"""


def told(printed: str, *complaints: str) -> LabError:
    return explain(printed, what="up", stack="azure", complaints=complaints, cancel="pulumi cancel")


def test_a_lock_names_its_holder_and_the_way_to_remove_it() -> None:
    error = told(LOCKED)
    assert isinstance(error, LabBusy)
    assert error.message == (
        "Pulumi's CLI says that another update works on the stack azure (me@here (pid 4242) at 2026-11-20T10:00:00Z)"
    )
    assert error.hint == "wait until it ends; when there is none, run `pulumi cancel`"
    assert isinstance(told("error: [409] Conflict: Another update is currently in progress."), LabBusy)


@pytest.mark.parametrize(
    ("printed", "kind", "said"),
    [
        ("error: getting secrets manager: incorrect passphrase", ConfigError, "the passphrase does not open"),
        ("error: no resource plugin 'azure-native-v3.29.0' found", ConfigError, "the provider azure-native cannot"),
        ("error: dial tcp: lookup x: no such host", LabError, "up: no answer (dial tcp: lookup x: no such host)"),
        ("error: error listing stacks: could not list bucket: blob", ConfigError, "the back end of the state"),
        ("error: opening secrets keeper for azurekeyvault://x", ConfigError, "the key vault does not give the key"),
        ("error: something new\nmore", LabError, "up: something new"),
        ("", LabError, "up: it said nothing"),
        ("\n code: 1\n stdout: \n stderr: error: something new", LabError, "up: something new"),
        ("\n code: -9\n stdout: \n stderr: ", LabError, "up: it said nothing"),
        (" stderr: error: unable to open state directory", ConfigError, "the back end of the state cannot be used (un"),
    ],
)
def test_sentences_of_the_cli_become_errors_with_something_to_do(printed: str, kind: type[LabError], said: str) -> None:
    error = told(printed)
    assert type(error) is kind
    assert error.message.startswith(said)


def test_a_refusal_of_the_blob_service_is_told_with_its_code() -> None:
    printed = 'error: read ".pulumi/meta.yaml": blob (key ".pulumi/meta.yaml"): GET https://x\nERROR CODE: NotAllowed\n'
    assert told(printed).message == (
        'the back end of the state cannot be used (read ".pulumi/meta.yaml": blob (key ".pulumi/meta.yaml"):'
        " GET https://x ERROR CODE: NotAllowed)"
    )


def test_the_engines_own_words_win_over_what_was_printed() -> None:
    assert told("error: update failed", "the program is broken").message == "up: the program is broken"
