# test_leases.py - what nobody owns any more is ended: by its lease's deadline, and by the longest life a cluster may have.
import contextlib
import sqlite3
import time

from emr_help import bash, cluster_of, ended, run_cluster, steps_of
from server import Server, processes_inside, wait_for


def leave_behind(server, owner, deadline):
    """A place with a lease, of a cluster that the database does not know; the server is stopped."""
    folder = server.data / "work" / owner / "conf"
    folder.mkdir(parents=True)
    (folder / "a.conf").write_text("left behind")
    with contextlib.closing(sqlite3.connect(server.data / "state.db")) as db, db:
        db.execute("INSERT INTO lease(owner, engine, place, created, deadline, released) VALUES(?, 'local', ?, 1, ?, 0)",
                   (owner, f"work/{owner}", deadline))


def released(server, owner):
    with contextlib.closing(sqlite3.connect(server.data / "state.db")) as db:
        return db.execute("SELECT released > 0 FROM lease WHERE owner = ?", (owner,)).fetchone()[0]


def test_a_place_whose_lease_was_not_renewed_is_ended(tmp_path):
    server = Server(tmp_path)
    assert server.stop() == 0
    leave_behind(server, "j-OVERDUE", 1)
    leave_behind(server, "j-INTIME", int(time.time() * 1000) + 3600 * 1000)
    server.start()
    living = run_cluster(server.client("emr"), keep=True)
    wait_for(lambda: not (server.data / "work" / "j-OVERDUE").exists(), what="the overdue place to be gone")
    assert (server.data / "work" / "j-INTIME").exists()
    assert cluster_of(server.client("emr"), living)["Status"]["State"] not in ("TERMINATED", "TERMINATED_WITH_ERRORS")
    wait_for(lambda: "sweep-lease owner=j-OVERDUE" in server.log(), what="its lease to be released")
    assert server.stop() == 0
    assert released(server, "j-OVERDUE") and not released(server, "j-INTIME") and not released(server, living)


def test_a_cluster_ends_at_its_deadline(tmp_path):
    server = Server(tmp_path, "--cluster-seconds-max", "2")
    emr = server.client("emr")
    cluster = run_cluster(emr, bash("sleep 600"), keep=True)
    status = ended(emr, cluster)["Status"]
    assert status["State"] == "TERMINATED_WITH_ERRORS"
    assert status["StateChangeReason"] == {"Code": "USER_REQUEST", "Message": "Terminated as the deadline of the cluster passed"}
    assert [step["Status"]["State"] for step in steps_of(emr, cluster)] == ["CANCELLED"]
    wait_for(lambda: not processes_inside(tmp_path / "data" / "work"), what="its processes to be gone")
    assert server.stop() == 0
