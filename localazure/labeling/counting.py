"""What a dashboard counts, kept by triggers: half a million rows are too many to count while somebody waits.

Owns: the tables `class_tally` (labels and pictures by class), `answer_tally` (answers by person, day and state) and
`gold_answer`, and what keeps them. Leaves: putting them into the file to `schema.py`, reading them to `statistics.py`.

Proposals are no labels: those whose source is `prelabel` or `default` are left out. `rejected` among the states of
`answer_tally` is counted by the review, since a rejected answer stays known.
"""

import sqlite3

__all__ = ["COUNTED", "COUNTS", "count_classes"]

COUNTED = ("class_tally", "answer_tally", "gold_answer")

COUNTS = """
CREATE TABLE IF NOT EXISTS class_tally (
    project INTEGER NOT NULL,
    class   TEXT NOT NULL,
    labels  INTEGER NOT NULL,
    tasks   INTEGER NOT NULL,
    PRIMARY KEY (project, class)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS label_added AFTER INSERT ON label WHEN new.source NOT IN ('prelabel', 'default') BEGIN
    INSERT INTO class_tally VALUES (new.project, new.class, 1, NOT EXISTS (
        SELECT 1 FROM label WHERE project = new.project AND task = new.task AND class = new.class
        AND place <> new.place AND source NOT IN ('prelabel', 'default')
    )) ON CONFLICT DO UPDATE SET labels = labels + 1, tasks = tasks + excluded.tasks;
END;
CREATE TRIGGER IF NOT EXISTS label_removed AFTER DELETE ON label WHEN old.source NOT IN ('prelabel', 'default') BEGIN
    UPDATE class_tally SET labels = labels - 1, tasks = tasks - NOT EXISTS (
        SELECT 1 FROM label WHERE project = old.project AND task = old.task AND class = old.class
        AND source NOT IN ('prelabel', 'default')
    ) WHERE project = old.project AND class = old.class;
END;
CREATE TABLE IF NOT EXISTS answer_tally (
    project INTEGER NOT NULL,
    person  TEXT NOT NULL,
    day     TEXT NOT NULL,
    state   TEXT NOT NULL,
    count   INTEGER NOT NULL,
    PRIMARY KEY (project, person, day, state)
) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS answer_given AFTER INSERT ON answer BEGIN
    INSERT INTO answer_tally VALUES (new.project, new.person, substr(new.at, 1, 10), new.state, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER IF NOT EXISTS answer_changed AFTER UPDATE OF at, state ON answer BEGIN
    UPDATE answer_tally SET count = count - 1
    WHERE project = old.project AND person = old.person AND day = substr(old.at, 1, 10) AND state = old.state;
    INSERT INTO answer_tally VALUES (new.project, new.person, substr(new.at, 1, 10), new.state, 1)
    ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE INDEX IF NOT EXISTS answer_at ON answer (project, at);
CREATE TABLE IF NOT EXISTS gold_answer (
    project INTEGER NOT NULL,
    person  TEXT NOT NULL,
    task    INTEGER NOT NULL,
    at      TEXT NOT NULL,
    score   REAL NOT NULL,
    PRIMARY KEY (project, person, task)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS task_gold ON task (project, number) WHERE gold = 1;
"""


def count_classes(db: sqlite3.Connection) -> None:
    """For a file that is older than the tables: count once what triggers count from now on."""
    db.execute(
        "UPDATE label SET source='prelabel' WHERE (project, task) IN"
        " (SELECT project, number FROM task WHERE state='prelabeled')"
    )
    db.execute(
        "INSERT INTO class_tally SELECT project, class, count(*), count(DISTINCT task) FROM label"
        " WHERE source <> 'prelabel' GROUP BY project, class"
    )
