"""The local Azure as a process: start it, find it again, stop it, and point other programs at it.

Owns: the process `python -m localazure` and the connection file it writes.
Leaves: what the local Azure does to its own package, of which nothing is imported here.
"""

from automation.local.blob_server import has_blob_server
from automation.local.drills import DrillState, begin_drill, end_drill, end_drills, list_drills
from automation.local.environment import SHELLS, variables, write_shell
from automation.local.health import ask_hosts, ask_training_s
from automation.local.hosts import HostName, look_up, write_hosts
from automation.local.process import LocalAzure, LocalStatus

__all__ = [
    "SHELLS",
    "DrillState",
    "HostName",
    "LocalAzure",
    "LocalStatus",
    "ask_hosts",
    "ask_training_s",
    "begin_drill",
    "end_drill",
    "end_drills",
    "has_blob_server",
    "list_drills",
    "look_up",
    "variables",
    "write_hosts",
    "write_shell",
]
