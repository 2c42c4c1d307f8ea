/* trail_test.c - the record of calls as rows: found by each of its filters, newest first, and trimmed by age and number. */
#include "memory_db.h"
#include "store/trail.h"
#include "test.h"

static void add(Db *db, int64_t n, const char *name, bool read_only)
{
    trail_add(db, &(TrailRow){.at = 1000 * n,
                              .id = str_printf(test_arena(), "id-%" PRId64, n),
                              .account = S("1"),
                              .region = S("r"),
                              .name = str_from(name),
                              .source = S("s3.amazonaws.com"),
                              .username = n % 2 ? S("ann") : S("bob"),
                              .access_key = S("AKIA"),
                              .resource = (Str){0},
                              .read_only = read_only,
                              .event = S("{}")});
}

static TrailFilter all(void)
{
    return (TrailFilter){
        .account = S("1"), .region = S("r"), .read_only = -1, .to = INT64_MAX, .max = 100};
}

static int64_t count(Db *db, const TrailFilter *f)
{
    TrailRow *rows;
    return trail_list(db, f, test_arena(), &rows);
}

TEST(trail_rows_are_found_by_what_is_asked)
{
    Db *db = memory_db_open();
    TrailRow *rows;
    for (int64_t n = 1; n <= 6; n++) add(db, n, n <= 2 ? "PutObject" : "GetObject", n > 2);
    TrailFilter f = all();
    eq_int(trail_list(db, &f, test_arena(), &rows), 6);
    eq_str(rows[0].id, S("id-6"));
    f.before = rows[3].n;
    eq_int(count(db, &f), 2);
    f = all();
    f.name = S("PutObject");
    eq_int(count(db, &f), 2);
    f = all();
    f.read_only = 1;
    f.username = S("bob");
    eq_int(count(db, &f), 2);
    f = all();
    f.from = 2000;
    f.to = 4000;
    eq_int(count(db, &f), 3);
    f.region = S("other");
    eq_int(count(db, &f), 0);
    memory_db_close(db);
}

TEST(trail_is_trimmed_by_age)
{
    Db *db = memory_db_open();
    TrailFilter f = all();
    for (int64_t n = 1; n <= 6; n++) add(db, n, "PutObject", false);
    trail_trim(db, 4000);
    eq_int(count(db, &f), 3);
    trail_trim(db, 4000);
    eq_int(count(db, &f), 3);
    memory_db_close(db);
}

TEST(trail_is_trimmed_by_number)
{
    Db *db = memory_db_open();
    TrailRow *rows;
    TrailFilter f = all();
    for (int64_t n = 1; n <= TRAIL_EVENTS_MAX + 5; n++) add(db, n, "PutObject", false);
    trail_trim(db, 0);
    f.to = 10000;
    eq_int(trail_list(db, &f, test_arena(), &rows), 5);
    eq_str(rows[4].id, S("id-6"));
    memory_db_close(db);
}
