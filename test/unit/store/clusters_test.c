/* clusters_test.c - rows of clusters and steps: pages, filters, queues, and the books that must balance. */
#include "memory_db.h"
#include "store/changes.h"
#include "store/clusters.h"
#include "store/documents.h"
#include "store/leases.h"
#include "store/ledger.h"
#include "store/outbox.h"
#include "store/steps.h"
#include "test.h"

static ClusterRow add_cluster(Db *db, const char *id, Millis created)
{
    ClusterRow row = {.account = S("000000000000"),
                      .region = S("us-east-1"),
                      .name = S("a cluster"),
                      .about = S("{}"),
                      .tags = S("[]"),
                      .spec = {.id = str_from(id), .instance = S("i-1"), .concurrency = 1},
                      .state = {.life = CLUSTER_STARTING, .created = created}};
    cluster_row_add(db, &row, S("{\"Name\":\"a cluster\"}"), S("{\"Groups\":[]}"));
    return row;
}

static void add_steps(Db *db, const ClusterRow *row, int64_t from, int64_t n)
{
    for (int64_t i = from; i < from + n; i++)
        step_row_add(db, &(StepRow){.cluster = row->n,
                                    .name = S("s"),
                                    .created = 1,
                                    .config = S("{}"),
                                    .core = {.number = i,
                                             .id = str_printf(test_arena(), "s-%03d", (int)i),
                                             .life = STEP_PENDING,
                                             .action = ACTION_CONTINUE}});
}

TEST(cluster_rows_give_back_what_they_were_given)
{
    Db *db = memory_db_open();
    ClusterRow row = add_cluster(db, "j-1", 1000), found;
    row.state = (ClusterState){.life = CLUSTER_TERMINATING,
                               .cause = CAUSE_USER,
                               .message = S("by request"),
                               .created = 1000,
                               .ready = 2000,
                               .attempts = 7,
                               .engine = 5,
                               .destroying = true,
                               .bootstrap = 0,
                               .idle = 3,
                               .grace = 4,
                               .deadline = 6,
                               .step_failed = true};
    cluster_row_set_state(db, row.n, &row.state);
    ok(cluster_row_find(db, S("j-1"), S("us-east-1"), test_arena(), &found));
    eq_int(found.state.life, CLUSTER_TERMINATING);
    eq_int(found.state.cause, CAUSE_USER);
    eq_str(found.state.message, S("by request"));
    eq_int(found.state.ready, 2000);
    eq_int(found.state.attempts, 7);
    eq_int(found.state.engine, 5);
    eq_int(found.state.deadline * 100 + found.state.idle * 10 + found.state.grace, 634);
    ok(found.state.destroying && found.state.step_failed);
    ok(!cluster_row_find(db, S("j-1"), S("eu-west-1"), test_arena(), &found));
    ok(!cluster_row_find(db, S("j-2"), (Str){0}, test_arena(), &found));
    eq_str(cluster_row_doc(db, row.n, CLUSTER_DOC_REQUEST, test_arena()),
           S("{\"Name\":\"a cluster\"}"));
    memory_db_close(db);
}

TEST(cluster_rows_are_listed_newest_first_in_pages)
{
    Db *db = memory_db_open();
    ClusterRow *page;
    for (int i = 1; i <= 5; i++) add_cluster(db, str_printf(test_arena(), "j-%d", i).p, i * 1000);
    ClusterFilter f = {.region = S("us-east-1"), .max = 2};
    eq_int(cluster_row_list(db, &f, test_arena(), &page), 2);
    eq_str(page[0].spec.id, S("j-5"));
    f.before_n = page[1].n;
    eq_int(cluster_row_list(db, &f, test_arena(), &page), 2);
    eq_str(page[0].spec.id, S("j-3"));
    f = (ClusterFilter){
        .region = S("us-east-1"), .max = 10, .created_after = 1000, .created_before = 4000};
    eq_int(cluster_row_list(db, &f, test_arena(), &page), 2);
    f.region = S("eu-west-1");
    eq_int(cluster_row_list(db, &f, test_arena(), &page), 0);
    memory_db_close(db);
}

TEST(cluster_rows_that_have_ended_are_not_among_the_living)
{
    Db *db = memory_db_open();
    Str *ids;
    ClusterRow *page, one = add_cluster(db, "j-1", 1000);
    add_cluster(db, "j-2", 2000);
    one.state = (ClusterState){
        .life = CLUSTER_TERMINATED, .cause = CAUSE_USER, .created = 1000, .ended = 3000};
    cluster_row_set_state(db, one.n, &one.state);
    eq_int(cluster_row_living(db, test_arena(), &ids), 1);
    eq_str(ids[0], S("j-2"));
    ClusterFilter f = {.region = S("us-east-1"), .max = 10, .lives = 1u << CLUSTER_TERMINATED};
    eq_int(cluster_row_list(db, &f, test_arena(), &page), 1);
    eq_str(page[0].spec.id, S("j-1"));
    memory_db_close(db);
}

TEST(step_rows_load_only_what_is_decided_about)
{
    Db *db = memory_db_open();
    ClusterRow row = add_cluster(db, "j-1", 1000);
    ClusterState state = {0};
    add_steps(db, &row, 1, 300);
    step_row_change(
        db, row.n,
        &(ClusterChange){.step = 2, .from = STEP_PENDING, .to = STEP_CANCEL_PENDING, .at = 5});
    step_row_change(db, row.n,
                    &(ClusterChange){.step = 1, .from = STEP_PENDING, .to = STEP_RUNNING, .at = 6});
    step_row_load(db, row.n, 3, test_arena(), &state);
    eq_int(state.active_n, 2);
    eq_int(state.active[0].number, 1);
    eq_int(state.active[1].life, STEP_CANCEL_PENDING);
    eq_int(state.window_n, 3);
    eq_int(state.window[0].number, 3);
    eq_int(step_row_last_number(db, row.n), 300);
    memory_db_close(db);
}

TEST(step_rows_keep_times_and_failures)
{
    Db *db = memory_db_open();
    StepRow s;
    ClusterRow row = add_cluster(db, "j-1", 1000);
    add_steps(db, &row, 1, 1);
    step_row_change(
        db, row.n, &(ClusterChange){.step = 1, .from = STEP_PENDING, .to = STEP_RUNNING, .at = 50});
    step_row_change(db, row.n,
                    &(ClusterChange){.step = 1,
                                     .from = STEP_RUNNING,
                                     .to = STEP_FAILED,
                                     .at = 70,
                                     .failure_reason = S("Unknown Error."),
                                     .failure_message = S("why"),
                                     .failure_log = S("s3://b/stderr.gz")});
    ok(step_row_find(db, row.n, S("s-001"), test_arena(), &s));
    eq_int(s.started, 50);
    eq_int(s.ended, 70);
    eq_str(s.failure_reason, S("Unknown Error."));
    eq_str(s.failure_log, S("s3://b/stderr.gz"));
    ok(!step_row_find(db, row.n + 1, S("s-001"), test_arena(), &s));
    memory_db_close(db);
}

TEST(all_waiting_steps_are_cancelled_with_a_record_each)
{
    Db *db = memory_db_open();
    Change *changes;
    StepRow *page;
    ClusterRow row = add_cluster(db, "j-1", 1000);
    add_steps(db, &row, 1, 4);
    step_row_change(db, row.n,
                    &(ClusterChange){.step = 1, .from = STEP_PENDING, .to = STEP_RUNNING, .at = 6});
    step_row_cancel_pending(db, row.n, S("j-1"), S("Job terminated"), 90);
    eq_int(change_list(db, 0, 10, test_arena(), &changes), 3);
    eq_str(changes[0].id, S("s-002"));
    eq_str(changes[2].to, S("CANCELLED"));
    eq_str(changes[2].parent, S("j-1"));
    StepFilter f = {.lives = 1u << STEP_CANCELLED, .max = 10};
    eq_int(step_row_list(db, row.n, &f, test_arena(), &page), 3);
    eq_str(page[0].core.id, S("s-004"));
    eq_int(page[0].ended, 90);
    eq_str(page[0].message, S("Job terminated"));
    memory_db_close(db);
}

TEST(changes_are_a_stream_that_forgets_its_beginning)
{
    Db *db = memory_db_open();
    Change *list;
    for (int i = 1; i <= 4; i++)
        change_add(
            db,
            &(Change){.service = S("emr-cluster"), .id = S("j-1"), .to = S("X"), .at = i * 100});
    eq_int(change_list(db, 1, 2, test_arena(), &list), 2);
    eq_int(list[0].n, 2);
    ok(str_absent(list[0].from));
    eq_int(change_drop_before(db, 250, 1), 1);
    eq_int(change_drop_before(db, 250, 100), 1);
    eq_int(change_drop_before(db, 250, 100), 0);
    eq_int(change_list(db, 0, 10, test_arena(), &list), 2);
    eq_int(list[0].at, 300);
    eq_int(change_drop_before(db, 1000, 100), 1);
    eq_int(change_list(db, 0, 10, test_arena(), &list), 1);
    eq_int(list[0].n, 4);
    memory_db_close(db);
}

TEST(the_ledger_balances_to_the_millisecond)
{
    Db *db = memory_db_open();
    LedgerEntry *entries;
    Str steps[] = {S("s-1"), S("s-2"), S("s-3")};
    ledger_attribute(db, 1, 0, 10, NULL, 0, S("idle:starting"));
    ledger_attribute(db, 1, 10, 111, steps, 3, S("idle:waiting"));
    ledger_attribute(db, 1, 111, 121, steps, 1, S("idle:waiting"));
    ledger_attribute(db, 1, 121, 121, steps, 1, S("idle:waiting"));
    ledger_attribute(db, 2, 0, 999, NULL, 0, S("idle:starting"));
    eq_int(ledger_list(db, 1, test_arena(), &entries), 4);
    eq_str(entries[1].what, S("s-1"));
    eq_int(entries[1].ms, 35 + 10);
    eq_int(entries[2].ms, 33);
    LedgerSum sum = ledger_sum(db, 1);
    eq_int(sum.idle_ms, 10);
    eq_int(sum.steps_ms + sum.idle_ms, 121);
    memory_db_close(db);
}

TEST(leases_hold_until_they_are_released)
{
    Db *db = memory_db_open();
    Lease *list;
    Lease lease = {.owner = S("j-1"), .engine = S("local"), .place = S("work/j-1"), .deadline = 9};
    lease_add(db, &lease);
    ok(lease_holds(db, S("work/j-1")));
    eq_int(lease_list_overdue(db, 9, test_arena(), &list), 0);
    eq_int(lease_list_overdue(db, 10, test_arena(), &list), 1);
    eq_str(list[0].place, S("work/j-1"));
    lease_release(db, S("j-1"), 50);
    ok(!lease_holds(db, S("work/j-1")));
    eq_int(lease_list_overdue(db, 10, test_arena(), &list), 0);
    memory_db_close(db);
}

TEST(leases_are_renewed_for_clusters_that_live)
{
    Db *db = memory_db_open();
    Lease *list;
    add_cluster(db, "j-LIVES", 1);
    ClusterRow over = add_cluster(db, "j-OVER", 1);
    over.state.ended = 5;
    cluster_row_set_state(db, over.n, &over.state);
    lease_add(db, &(Lease){.owner = S("j-LIVES"), .engine = S("local"), .place = S("work/1")});
    lease_add(db, &(Lease){.owner = S("j-OVER"), .engine = S("local"), .place = S("work/2")});
    lease_add(db, &(Lease){.owner = S("j-NEVER"), .engine = S("local"), .place = S("work/3")});
    eq_int(lease_list_overdue(db, 10, test_arena(), &list), 3);
    lease_renew(db, 20);
    eq_int(lease_list_overdue(db, 10, test_arena(), &list), 2);
    eq_str(list[0].owner, S("j-OVER"));
    eq_str(list[1].owner, S("j-NEVER"));
    eq_int(lease_list_overdue(db, 21, test_arena(), &list), 3);
    memory_db_close(db);
}

TEST(clusters_that_ended_long_ago_go_with_all_they_had)
{
    Db *db = memory_db_open();
    ClusterExpired *found;
    ClusterRow first = add_cluster(db, "j-1", 1), second = add_cluster(db, "j-2", 2);
    int64_t micro = 0;
    add_steps(db, &first, 1, 5);
    ledger_attribute(db, first.n, 0, 10, NULL, 0, S("idle:starting"));
    ok(!ledger_cost(db, first.n, &micro));
    ledger_set_cost(db, first.n, 77);
    ok(ledger_cost(db, first.n, &micro) && micro == 77);
    first.state.ended = 90;
    second.state.ended = 80;
    cluster_row_set_state(db, first.n, &first.state);
    eq_int(cluster_row_expired(db, 90, 10, test_arena(), &found), 0);
    eq_int(cluster_row_expired(db, 91, 10, test_arena(), &found), 1);
    cluster_row_set_state(db, second.n, &second.state);
    eq_int(cluster_row_expired(db, 91, 1, test_arena(), &found), 1);
    eq_str(found[0].id, S("j-2"));
    eq_int(step_row_trim(db, first.n, 3), 3);
    eq_int(step_row_trim(db, first.n, 3), 2);
    eq_int(ledger_trim(db, first.n, 3), 1);
    ok(!ledger_cost(db, first.n, &micro));
    cluster_row_remove(db, first.n);
    ok(!cluster_row_find(db, S("j-1"), (Str){0}, test_arena(), &second));
    memory_db_close(db);
}

TEST(the_outbox_keeps_commands_until_they_are_answered)
{
    Db *db = memory_db_open();
    ClusterCommand *list, one;
    ClusterCommand start = {.token = {CLUSTER_COMMAND_START_STEP, 3, 8}};
    ClusterCommand kill = {
        .token = {CLUSTER_COMMAND_SIGNAL_STEP, 3, 9}, .target = 8, .signal = CLUSTER_SIGNAL_KILL};
    outbox_add(db, 1, &start);
    outbox_add(db, 1, &kill);
    ok(outbox_find(db, 1, 8, &one) && one.token.kind == CLUSTER_COMMAND_START_STEP &&
       one.token.number == 3);
    ok(!outbox_find(db, 2, 8, &one));
    ok(outbox_signalled(db, 1, 8) && !outbox_signalled(db, 1, 7));
    eq_int(outbox_list(db, 1, test_arena(), &list), 2);
    eq_int(list[1].signal, CLUSTER_SIGNAL_KILL);
    outbox_remove(db, 1, 8);
    outbox_remove_signals(db, 1, 8);
    eq_int(outbox_list(db, 1, test_arena(), &list), 0);
    memory_db_close(db);
}

TEST(documents_are_named_by_kind_region_and_name)
{
    Db *db = memory_db_open();
    Document d = {.created = 7}, *list;
    document_put(db, &(Document){S("k"), S("r"), S("b"), S("{}"), 1});
    document_put(db, &(Document){S("k"), S("r"), S("a"), S("{}"), 2});
    document_put(db, &(Document){S("k"), S("r"), S("a"), S("[]"), 3});
    ok(document_find(db, S("k"), S("r"), S("a"), test_arena(), &d));
    eq_str(d.content, S("[]"));
    eq_int(document_list(db, S("k"), S("r"), test_arena(), &list), 2);
    eq_str(list[0].name, S("a"));
    document_remove(db, S("k"), S("r"), S("a"));
    ok(!document_find(db, S("k"), S("other"), S("b"), test_arena(), &d));
    eq_int(document_list(db, S("k"), S("r"), test_arena(), &list), 1);
    memory_db_close(db);
}
