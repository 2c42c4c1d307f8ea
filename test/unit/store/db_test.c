/* db_test.c - turns and events of state.db when the disk is full: what fails is undone, and nothing is half kept. */
#include "store/db.h"

#include "../sys/world.h"
#include "store/documents.h"
#include "test.h"

enum { TOO_LARGE_BYTES = 1024 * 1024 };

/* No page more than the empty tables have. */
static Db *open_full(Folder *folder)
{
    Error err = {0};
    Db *db = NULL;
    bool good = db_open(&db, str_printf(test_arena(), "%.*s/state.db", STR(folder_path(folder))).p,
                        NULL, &err);
    check(good);
    db_run(db, SQL("PRAGMA max_page_count = 1"));
    ok(db_commit(db, &err));
    return db;
}

static bool put(Db *db, const char *names, Str content, Error *err)
{
    db_event_begin(db);
    for (const char *name = names; *name; name++)
        document_put(
            db,
            &(Document){.kind = S("k"), .region = S("r"), .name = {name, 1}, .content = content});
    return db_event_end(db, true, err);
}

static int64_t count(Db *db)
{
    Document *p;
    return document_list(db, S("k"), S("r"), test_arena(), &p);
}

/* SQLite rolls the whole transaction back by itself. The events after that one must not be kept as
 * if nothing had been. */
TEST(db_a_full_disk_loses_the_turn_and_only_the_turn)
{
    Folder *folder = fresh_folder();
    Db *db = open_full(folder);
    Error err = {0};
    char *large = new_array(test_arena(), char, TOO_LARGE_BYTES);
    memset(large, 'x', TOO_LARGE_BYTES);
    ok(put(db, "a", S("small"), &err));
    ok(!put(db, "b", (Str){large, TOO_LARGE_BYTES}, &err));
    eq_int(err.code, ERR_DISK_FULL);
    ok(!put(db, "cd", S("small"), &err));
    ok(!put(db, "e", S("small"), &err));
    err = (Error){0};
    ok(!db_commit(db, &err));
    eq_int(err.code, ERR_DISK_FULL);
    eq_int(count(db), 0);
    ok(put(db, "fg", S("small"), &err) && db_commit(db, &err));
    eq_int(count(db), 2);
    db_close(db);
    folder_close(folder);
}

static int64_t wal_bytes(Folder *folder)
{
    Error err = {0};
    FileInfo info = {0};
    ok(file_info(folder, S("state.db-wal"), &info, &err));
    return info.size;
}

/* Larger than SQLite's cache. */
TEST(db_nothing_is_written_before_the_commit)
{
    Folder *folder = fresh_folder();
    Error err = {0};
    Db *db = NULL;
    bool good = db_open(&db, str_printf(test_arena(), "%.*s/state.db", STR(folder_path(folder))).p,
                        NULL, &err);
    check(good);
    int64_t before = wal_bytes(folder);
    char *large = new_array(test_arena(), char, TOO_LARGE_BYTES);
    memset(large, 'x', TOO_LARGE_BYTES);
    ok(put(db, "abcdefgh", (Str){large, TOO_LARGE_BYTES}, &err));
    eq_int(wal_bytes(folder), before);
    ok(db_commit(db, &err) && wal_bytes(folder) > 8 * TOO_LARGE_BYTES);
    db_close(db);
    folder_close(folder);
}

/* What is not found after an error may be there; until the event is over the caller can know. */
TEST(db_says_that_reads_are_empty_because_of_an_error)
{
    Folder *folder = fresh_folder();
    Db *db = open_full(folder);
    Error err = {0};
    char *large = new_array(test_arena(), char, TOO_LARGE_BYTES);
    memset(large, 'x', TOO_LARGE_BYTES);
    ok(put(db, "a", S("small"), &err) && !db_failed(db));
    db_event_begin(db);
    document_put(db, &(Document){.kind = S("k"),
                                 .region = S("r"),
                                 .name = S("b"),
                                 .content = {large, TOO_LARGE_BYTES}});
    ok(db_failed(db));
    eq_int(count(db), 0);
    ok(!db_event_end(db, true, &err));
    ok(db_failed(db)); /* the turn is lost */
    ok(!db_commit(db, &err));
    ok(!db_failed(db));
    db_close(db);
    folder_close(folder);
}

static int64_t bytes_of(const Folder *folder, const char *name)
{
    Error err = {0};
    Str bytes;
    Folder *f = (Folder *)(uintptr_t)folder;
    return file_slurp(f, str_from(name), 64 << 20, test_arena(), &bytes, &err) ? bytes.n : -1;
}

TEST(db_the_log_is_emptied_at_leisure)
{
    Folder *folder = fresh_folder();
    Error err = {0};
    Db *db = NULL;
    check(db_open(&db, str_printf(test_arena(), "%.*s/state.db", STR(folder_path(folder))).p, NULL,
                  &err));
    char *large = new_array(test_arena(), char, TOO_LARGE_BYTES);
    memset(large, 'x', TOO_LARGE_BYTES);
    for (int i = 0; i < 12; i++) {
        ok(put(db, (const char[]){(char)('a' + i), 0}, (Str){large, TOO_LARGE_BYTES}, &err));
        ok(db_commit(db, &err));
    }
    ok(db_wants_leisure(db));
    ok(bytes_of(folder, "state.db") < 6 * TOO_LARGE_BYTES);
    db_leisure(db);
    ok(!db_wants_leisure(db));
    ok(bytes_of(folder, "state.db") >= 12 * TOO_LARGE_BYTES);
    eq_int(count(db), 12);
    db_close(db);
    folder_gone(folder);
}
