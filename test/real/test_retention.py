# test_retention.py - an ended cluster is forgotten after two months, with its steps, in portions that nobody has to wait for.
import contextlib
import sqlite3

import pytest
from botocore.exceptions import ClientError

from emr_help import bash, cluster_of, ended, run_cluster
from server import Server, wait_for

DAY_MS = 24 * 3600 * 1000


def test_a_cluster_that_ended_long_ago_is_forgotten(tmp_path):
    server = Server(tmp_path)
    emr = server.client("emr")
    old, young = (run_cluster(emr, bash("true"), bash("true")) for _ in range(2))
    ended(emr, old), ended(emr, young)
    assert server.stop() == 0
    with contextlib.closing(sqlite3.connect(server.data / "state.db")) as db, db:
        db.execute("UPDATE cluster SET ended = ended - ? WHERE id = ?", (62 * DAY_MS, old))
        db.execute("UPDATE cluster SET ended = ended - ? WHERE id = ?", (59 * DAY_MS, young))
        # more steps than one portion takes
        db.execute("""WITH RECURSIVE k(i) AS (SELECT 3 UNION ALL SELECT i + 1 FROM k WHERE i < 5000)
            INSERT INTO step SELECT cluster, i, 's-' || i, name, life, action, attempt, limit_timer, grace_timer, started_seen, over_limit,
            killed, created, started, ended, message, failure_reason, failure_message, failure_log, config, role
            FROM step, k WHERE number = 1 AND cluster = (SELECT n FROM cluster WHERE id = ?)""", (old,))
    server.start()
    emr = server.client("emr")
    wait_for(lambda: "clusters-expired" in server.log(), what="the old cluster to be forgotten")
    with pytest.raises(ClientError, match="is not valid"):
        cluster_of(emr, old)
    assert cluster_of(emr, young)["Status"]["State"] == "TERMINATED"
    assert server.stop() == 0
    with contextlib.closing(sqlite3.connect(server.data / "state.db")) as db:
        for table in ("cluster", "lease", "cost"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table
        assert db.execute("SELECT count(*) FROM step").fetchone() == (2,)
        assert db.execute("SELECT count(DISTINCT cluster) FROM ledger").fetchone() == (1,)
