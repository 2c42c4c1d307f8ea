/* execution_arns_test.c - an ARN finds its execution: recent or settled, after a new start, and never one that was undone or removed. */
#include "store/execution_arns.h"

#include "../sys/world.h"
#include "store/executions.h"
#include "test.h"

enum {
    MANY = EXECUTION_ARNS_RECENT + 100 * EXECUTION_ARN_STEP,
    UNDONE = 700,
    REMOVED = 1000,
    STRIDE = 13
};

static Str arn_of(int64_t i)
{
    return str_printf(test_arena(), "arn:%" PRId64, i * 7919);
}

static int64_t add(Db *db, int64_t machine, Str arn)
{
    ExecutionRow row = {.account = S("0"),
                        .machine = machine,
                        .asl = {.id = {.arn = arn,
                                       .name = arn,
                                       .region = S("r"),
                                       .machine_arn = S("m"),
                                       .machine_name = S("m"),
                                       .role_arn = S("role")},
                                .input = S("{}")}};
    execution_row_add(db, &row);
    return row.n;
}

static bool finds(Db *db, Str arn, int64_t n)
{
    ExecutionRow row;
    bool found = execution_row_find(db, arn, test_arena(), &row);
    return n ? found && row.n == n && str_eq(row.asl.id.arn, arn) : !found;
}

static int64_t count(Db *db, bool recent)
{
    cleanup(rows_end) Rows r = recent
                                   ? db_rows(db, SQL("SELECT count(*) FROM execution_arn_recent"))
                                   : db_rows(db, SQL("SELECT count(*) FROM execution_arn"));
    return rows_next(&r) ? rows_int(&r, 0) : -1;
}

static Db *open_at(const char *path)
{
    Db *db;
    Error err = {0};
    check(db_open(&db, path, NULL, &err));
    return db;
}

TEST(every_arn_is_found_while_and_after_it_is_settled)
{
    Error err = {0};
    Folder *folder = fresh_folder();
    const char *path = str_printf(test_arena(), "%.*s/state.db", STR(folder_path(folder))).p;
    Db *db = open_at(path);
    int64_t *n = new_array(test_arena(), int64_t, MANY);
    int64_t wrong = 0;
    db_event_begin(db);
    for (int64_t i = 0; i < MANY; i++) {
        n[i] = add(db, 1, arn_of(i));
        if (i % STRIDE == 0) wrong += !finds(db, arn_of(i / 2), n[i / 2]);
    }
    for (int64_t i = 0; i < REMOVED; i++) execution_row_remove(db, n[i * 3]);
    ok(db_event_end(db, true, &err) && db_commit(db, &err));
    eq_int(wrong, 0);
    ok(count(db, false) > EXECUTION_ARNS_RECENT / 2 && count(db, true) < EXECUTION_ARNS_RECENT);
    db_event_begin(db);
    for (int64_t i = 0; i < UNDONE; i++) add(db, 1, arn_of(MANY + i));
    ok(!db_event_end(db, false, &err) && db_commit(db, &err));
    for (int again = 0; again < 2; again++) {
        for (int64_t i = again; i < MANY + UNDONE; i += STRIDE) {
            bool gone = i >= MANY || (i < 3 * REMOVED && i % 3 == 0);
            wrong += !finds(db, arn_of(i), gone ? 0 : n[i]);
        }
        eq_int(wrong, 0);
        db_close(db);
        db = open_at(path);
    }
    db_close(db);
    folder_gone(folder);
}

TEST(of_two_machines_with_one_arn_each_has_its_own_execution)
{
    ExecutionRow row;
    Error err = {0};
    Db *db = open_at(":memory:");
    db_event_begin(db);
    int64_t first = add(db, 1, S("arn")), second = add(db, 2, S("arn"));
    ok(finds(db, S("arn"), second));
    ok(execution_row_find_in(db, 1, S("arn"), test_arena(), &row) && row.n == first);
    ok(!execution_row_find_in(db, 3, S("arn"), test_arena(), &row));
    ok(db_event_end(db, true, &err));
    db_close(db);
}
