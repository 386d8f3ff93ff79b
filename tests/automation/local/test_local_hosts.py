"""Names below localhost: what is known of them, as a hosts file has it."""

from automation.local import HostName, look_up, write_hosts


def test_names_become_lines_of_a_hosts_file() -> None:
    found = look_up(["stlab1.blob.localhost", "kv-lab.vault.localhost"], resolve=lambda name: name.startswith("kv"))
    assert found == [
        HostName(name="stlab1.blob.localhost", resolves=False),
        HostName(name="kv-lab.vault.localhost", resolves=True),
    ]
    assert write_hosts(found) == "127.0.0.1 stlab1.blob.localhost\n127.0.0.1 kv-lab.vault.localhost"


def test_a_name_that_nobody_knows_does_not_resolve() -> None:
    assert [host.resolves for host in look_up(["localhost", "no-such-name.invalid"])] == [True, False]
