"""Certificates that end while the local Azure runs: looked after twice a day.

Owns: the thread, and telling the log. Leaves: making certificates to `certificates.py`, using them to `apply`.
"""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from localazure.certificates import Certificates, load_certificates
from localazure.clock import Clock

__all__ = ["Renewal"]

_EVERY_S = 12 * 3600.0
_log = logging.getLogger(__name__)


class Renewal:
    """Keeps a running process's certificate from ending."""

    def __init__(
        self,
        current: Certificates,
        clock: Clock,
        apply: Callable[[Certificates], None],
    ) -> None:
        """`apply` makes the process use a new leaf."""
        self.notices = list(current.notices)
        self._folder: Path = current.cert_file.parent
        self._leaf = current.cert_file.read_bytes()
        self._clock = clock
        self._apply = apply
        self._stopping = threading.Event()

    def start(self) -> None:
        threading.Thread(target=self._run, name="renewal", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def check(self) -> bool:
        """Renew what ends soon; True when something was renewed."""
        certificates = load_certificates(self._folder, self._clock)
        leaf = certificates.cert_file.read_bytes()
        if leaf == self._leaf:
            return False
        self._leaf = leaf
        self._apply(certificates)
        said = (
            *certificates.notices,
            (
                "The TLS certificate was renewed. The blob server takes it at its next start: "
                "run `visionlab local stop` and `visionlab local start` within a month."
            ),
        )
        self.notices += said
        for notice in said:
            _log.warning(notice)
        return True

    def _run(self) -> None:
        while not self._stopping.wait(_EVERY_S):
            try:
                self.check()
            except OSError:
                _log.exception("the TLS certificate could not be renewed")
