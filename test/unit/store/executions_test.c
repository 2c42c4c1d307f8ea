/* executions_test.c - rows of executions: which have been kept long enough, and that nothing of them is left. */
#include "memory_db.h"
#include "store/executions.h"
#include "test.h"

/* An execution with three events that ended then; 0: it runs. */
static int64_t add(Db *db, const char *name, bool express, Millis stopped)
{
    ExecutionRow row = {.account = S("0"),
                        .machine = 1,
                        .asl = {.id = {.arn = str_from(name),
                                       .name = str_from(name),
                                       .region = S("r"),
                                       .machine_arn = S("m"),
                                       .machine_name = S("m"),
                                       .role_arn = S("role"),
                                       .express = express},
                                .input = S("{}")}};
    execution_row_add(db, &row);
    row.asl.status = stopped ? ASL_FAILED : ASL_RUNNING;
    row.asl.stopped = stopped;
    execution_row_set(db, row.n, &row.asl);
    execution_frame_set(db, row.n, &(AslFrame){.id = 1, .dirty = ASL_DIRTY_NEW}, test_arena());
    for (int64_t id = 1; id <= 3; id++)
        execution_history_add(db, row.n, &(AslHistory){.id = id, .type = ASL_H_PASS_ENTERED},
                              test_arena());
    return row.n;
}

static int64_t expired(Db *db, bool express, Millis before, int64_t *found, int64_t max)
{
    return execution_row_expired(db, &(ExecutionExpiry){.express = express, .before = before},
                                 found, max);
}

TEST(only_executions_that_ended_before_are_expired)
{
    Db *db = memory_db_open();
    int64_t found[4];
    int64_t late = add(db, "late", false, 300), early = add(db, "early", false, 100);
    add(db, "running", false, 0);
    int64_t express = add(db, "express", true, 50);
    eq_int(expired(db, false, 300, found, 4), 1);
    eq_int(found[0], early);
    eq_int(expired(db, false, 301, found, 4), 2);
    eq_int(found[1], late);
    eq_int(expired(db, false, 301, found, 1), 1);
    eq_int(found[0], early);
    eq_int(expired(db, true, 300, found, 4), 1);
    eq_int(found[0], express);
    memory_db_close(db);
}

TEST(a_history_goes_in_portions_and_then_its_execution)
{
    Db *db = memory_db_open();
    AslHistory *events;
    AslFrame frame;
    ExecutionRow row;
    int64_t n = add(db, "one", false, 1), other = add(db, "two", false, 1);
    eq_int(execution_history_trim(db, n, 2), 2);
    eq_int(execution_history_list(db, n, 1, false, 9, test_arena(), &events), 1);
    eq_int(events[0].id, 3);
    eq_int(execution_history_trim(db, n, 2), 1);
    eq_int(execution_history_trim(db, n, 2), 0);
    execution_row_remove(db, n);
    ok(!execution_row_get(db, n, test_arena(), &row));
    ok(!execution_frame_get(db, n, 1, test_arena(), &frame));
    ok(execution_row_get(db, other, test_arena(), &row));
    ok(execution_frame_get(db, other, 1, test_arena(), &frame));
    eq_int(execution_history_list(db, other, 1, false, 9, test_arena(), &events), 3);
    memory_db_close(db);
}
