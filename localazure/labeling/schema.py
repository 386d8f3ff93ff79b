"""What the tables of labeling look like, subject by subject, and how older files are brought up to date.

Owns: columns, indexes, triggers. Leaves: opening the file to `tables.py`.
"""

import sqlite3

from localazure.labeling.counting import COUNTS, count_classes

__all__ = ["create"]

_VERSION = 2

# `wanted`: answers that a task still needs, less those that somebody is giving; 0 is out of the queue.
_TASKS = """
CREATE TABLE IF NOT EXISTS task (
    project INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    path    TEXT NOT NULL,
    name    TEXT NOT NULL,
    state   TEXT NOT NULL DEFAULT 'open',
    version INTEGER NOT NULL DEFAULT 0,
    width   INTEGER,
    height  INTEGER,
    changed TEXT,
    rank        REAL NOT NULL DEFAULT 0,
    grp         INTEGER,
    wanted      INTEGER NOT NULL DEFAULT 1,
    assigned    TEXT,
    round       INTEGER NOT NULL DEFAULT 0,
    review      TEXT NOT NULL DEFAULT '',
    labeled_by  TEXT,
    labeled_at  TEXT,
    agreement   REAL,
    uncertainty REAL,
    gold        INTEGER NOT NULL DEFAULT 0,
    fault       TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (project, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS task_path ON task (project, path);
CREATE INDEX IF NOT EXISTS task_name ON task (project, name);
CREATE INDEX IF NOT EXISTS task_state ON task (project, state, number);
CREATE INDEX IF NOT EXISTS task_waiting ON task (project, assigned, rank, number)
    WHERE wanted > 0 AND fault <> 'missing';
CREATE TABLE IF NOT EXISTS label (
    project    INTEGER NOT NULL,
    task       INTEGER NOT NULL,
    place      INTEGER NOT NULL,
    class      TEXT NOT NULL,
    x REAL, y REAL, w REAL, h REAL,
    polygon    BLOB,
    confidence REAL NOT NULL,
    source     TEXT NOT NULL,
    PRIMARY KEY (project, task, place)
) WITHOUT ROWID;
-- By state, and by verdict of the review: review:approved, review:skip-accepted.
CREATE TABLE IF NOT EXISTS tally (
    project INTEGER NOT NULL,
    state   TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (project, state)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS task_added AFTER INSERT ON task BEGIN
    INSERT INTO tally VALUES (new.project, new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER IF NOT EXISTS task_removed AFTER DELETE ON task BEGIN
    UPDATE tally SET count = count - 1 WHERE project = old.project AND state = old.state;
END;
CREATE TRIGGER IF NOT EXISTS task_moved AFTER UPDATE OF state ON task WHEN new.state <> old.state BEGIN
    UPDATE tally SET count = count - 1 WHERE project = old.project AND state = old.state;
    INSERT INTO tally VALUES (new.project, new.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER IF NOT EXISTS task_reviewed AFTER UPDATE OF review ON task WHEN new.review <> old.review BEGIN
    UPDATE tally SET count = count - 1 WHERE project = old.project AND state = 'review:' || old.review;
    INSERT INTO tally SELECT new.project, 'review:' || new.review, 1 WHERE new.review <> ''
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER IF NOT EXISTS reviewed_removed AFTER DELETE ON task WHEN old.review <> '' BEGIN
    UPDATE tally SET count = count - 1 WHERE project = old.project AND state = 'review:' || old.review;
END;
-- Tasks in the queue by whom they are kept for; '' is anybody.
CREATE TABLE IF NOT EXISTS waiting (
    project  INTEGER NOT NULL,
    assigned TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (project, assigned)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS waiting_added AFTER INSERT ON task WHEN new.wanted > 0 AND new.fault <> 'missing' BEGIN
    INSERT INTO waiting VALUES (new.project, coalesce(new.assigned, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER IF NOT EXISTS waiting_removed AFTER DELETE ON task WHEN old.wanted > 0 AND old.fault <> 'missing' BEGIN
    UPDATE waiting SET count = count - 1 WHERE project = old.project AND assigned = coalesce(old.assigned, '');
END;
CREATE TRIGGER IF NOT EXISTS waiting_left AFTER UPDATE OF wanted, assigned, fault ON task
WHEN old.wanted > 0 AND old.fault <> 'missing' BEGIN
    UPDATE waiting SET count = count - 1 WHERE project = old.project AND assigned = coalesce(old.assigned, '');
END;
CREATE TRIGGER IF NOT EXISTS waiting_joined AFTER UPDATE OF wanted, assigned, fault ON task
WHEN new.wanted > 0 AND new.fault <> 'missing' BEGIN
    INSERT INTO waiting VALUES (new.project, coalesce(new.assigned, ''), 1)
        ON CONFLICT DO UPDATE SET count = count + 1;
END;
"""
_ANSWERS = """
-- A lease that is not living is over; who held it may still answer until somebody else takes the task.
CREATE TABLE IF NOT EXISTS lease (
    project INTEGER NOT NULL,
    task    INTEGER NOT NULL,
    person  TEXT NOT NULL,
    token   TEXT NOT NULL,
    until   TEXT NOT NULL,
    living  INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (project, task, person)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lease_person ON lease (project, person) WHERE living = 1;
CREATE INDEX IF NOT EXISTS lease_until ON lease (project, until) WHERE living = 1;
CREATE TABLE IF NOT EXISTS answer (
    project INTEGER NOT NULL,
    task    INTEGER NOT NULL,
    person  TEXT NOT NULL,
    round   INTEGER NOT NULL,
    at      TEXT NOT NULL,
    seconds REAL,
    state   TEXT NOT NULL,
    labels  BLOB NOT NULL,
    PRIMARY KEY (project, task, person, round)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS answer_person ON answer (project, person, at);
-- Answers by person whose tasks still want others, where the overlap is above one.
CREATE TABLE IF NOT EXISTS pending (
    project INTEGER NOT NULL,
    person  TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (project, person)
) WITHOUT ROWID;
-- Where a person's next task can be looked for, where the overlap is above one: the queue before it they have answered,
-- or are at. It goes as soon as anything enters the queue before it.
CREATE TABLE IF NOT EXISTS front (
    project INTEGER NOT NULL,
    person  TEXT NOT NULL,
    own     INTEGER NOT NULL,
    rank    REAL NOT NULL,
    number  INTEGER NOT NULL,
    PRIMARY KEY (project, person, own)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS front_moved AFTER UPDATE OF wanted, round, rank, assigned, fault ON task
WHEN new.wanted > old.wanted OR new.round <> old.round OR new.rank <> old.rank OR new.assigned IS NOT old.assigned
    OR new.fault <> old.fault
BEGIN
    DELETE FROM front WHERE project = new.project AND (rank, number) >= (new.rank, new.number);
END;
CREATE TRIGGER IF NOT EXISTS front_added AFTER INSERT ON task BEGIN
    DELETE FROM front WHERE project = new.project AND (rank, number) >= (new.rank, new.number);
END;
CREATE TABLE IF NOT EXISTS submission (
    project INTEGER NOT NULL,
    person  TEXT NOT NULL,
    id      TEXT NOT NULL,
    at      TEXT NOT NULL,
    result  BLOB NOT NULL,
    PRIMARY KEY (project, person, id)
) WITHOUT ROWID;
"""
_REVIEW = """
CREATE TABLE IF NOT EXISTS history (
    project INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    at      TEXT NOT NULL,
    who     TEXT NOT NULL,
    what    TEXT NOT NULL,
    task    INTEGER,
    detail  TEXT,
    PRIMARY KEY (project, n)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS history_task ON history (project, task, n) WHERE task IS NOT NULL;
CREATE TABLE IF NOT EXISTS gold (
    project INTEGER NOT NULL,
    task    INTEGER NOT NULL,
    labels  BLOB NOT NULL,
    PRIMARY KEY (project, task)
) WITHOUT ROWID;
"""
_PEOPLE = """
CREATE TABLE IF NOT EXISTS person (
    workspace TEXT NOT NULL,
    email     TEXT NOT NULL,
    name      TEXT NOT NULL,
    team      TEXT,
    PRIMARY KEY (workspace, email)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS team (
    workspace TEXT NOT NULL,
    name      TEXT NOT NULL,
    PRIMARY KEY (workspace, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member (
    project INTEGER NOT NULL,
    email   TEXT NOT NULL,
    role    TEXT NOT NULL,
    added   TEXT NOT NULL,
    PRIMARY KEY (project, email)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS project_team (
    project INTEGER NOT NULL,
    team    TEXT NOT NULL,
    role    TEXT NOT NULL,
    PRIMARY KEY (project, team)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invite (
    hash      TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    email     TEXT NOT NULL,
    project   INTEGER NOT NULL,
    created   TEXT NOT NULL,
    expires   TEXT NOT NULL,
    used      TEXT,
    revoked   TEXT
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session (
    hash      TEXT NOT NULL PRIMARY KEY,
    workspace TEXT NOT NULL,
    email     TEXT NOT NULL,
    created   TEXT NOT NULL,
    expires   TEXT NOT NULL,
    seen      TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS settings (
    project  INTEGER NOT NULL PRIMARY KEY,
    document BLOB NOT NULL
);
"""
_ASSIST = """
CREATE TABLE IF NOT EXISTS experiment (
    project INTEGER NOT NULL,
    number  INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    state   TEXT NOT NULL,
    created TEXT NOT NULL,
    started TEXT,
    ended   TEXT,
    detail  BLOB NOT NULL,
    PRIMARY KEY (project, number)
) WITHOUT ROWID;
-- The last experiment that looked at a task, in which round, and whether the task's pre-labels are a model's.
CREATE TABLE IF NOT EXISTS inspected (
    project    INTEGER NOT NULL,
    task       INTEGER NOT NULL,
    round      INTEGER NOT NULL,
    experiment INTEGER NOT NULL,
    proposed   INTEGER NOT NULL,
    PRIMARY KEY (project, task)
) WITHOUT ROWID;
-- The order that the ranks of a project's tasks stand for.
CREATE TABLE IF NOT EXISTS ranked (
    project INTEGER NOT NULL PRIMARY KEY,
    name    TEXT NOT NULL
);
"""
_ADDED_COLUMNS = (
    ("rank", "REAL NOT NULL DEFAULT 0"),
    ("grp", "INTEGER"),
    ("wanted", "INTEGER NOT NULL DEFAULT 1"),
    ("assigned", "TEXT"),
    ("round", "INTEGER NOT NULL DEFAULT 0"),
    ("review", "TEXT NOT NULL DEFAULT ''"),
    ("labeled_by", "TEXT"),
    ("labeled_at", "TEXT"),
    ("agreement", "REAL"),
    ("uncertainty", "REAL"),
    ("gold", "INTEGER NOT NULL DEFAULT 0"),
    ("fault", "TEXT NOT NULL DEFAULT ''"),
)


def create(db: sqlite3.Connection) -> None:
    """Make what is not there; a file of the first version keeps its tasks and labels."""
    (version,) = db.execute("PRAGMA user_version").fetchone()
    if version == 1:
        for name, kind in _ADDED_COLUMNS:
            db.execute(f"ALTER TABLE task ADD COLUMN {name} {kind}")
        db.execute("UPDATE task SET wanted=0 WHERE state IN ('labeled', 'skipped')")
    for part in (_TASKS, _ANSWERS, _REVIEW, COUNTS, _PEOPLE, _ASSIST):
        db.executescript(part)
    if version == 1:
        db.execute("INSERT INTO tally SELECT project, state, count(*) FROM task GROUP BY project, state")
        db.execute("INSERT INTO waiting SELECT project, '', count(*) FROM task WHERE wanted > 0 GROUP BY project")
        count_classes(db)
    db.execute(f"PRAGMA user_version={_VERSION}")
