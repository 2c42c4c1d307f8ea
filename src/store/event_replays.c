/* event_replays.c - rows of replays of EventBridge archives. */
#include "store/event_archives.h"

#define COLUMNS                                                                                    \
    "n, account, region, name, description, archive, source, destination, state, reason, since, "  \
    "until, started, ended, at, last"

static EventReplayRow read_row(const Rows *r, Arena *a)
{
    return (EventReplayRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .description = rows_text(r, 4, a),
        .archive = rows_int(r, 5),
        .source = rows_text(r, 6, a),
        .destination = rows_text(r, 7, a),
        .state = rows_text(r, 8, a),
        .reason = rows_text(r, 9, a),
        .from = rows_int(r, 10),
        .until = rows_int(r, 11),
        .started = rows_int(r, 12),
        .ended = rows_int(r, 13),
        .at = rows_int(r, 14),
        .last = rows_int(r, 15),
    };
}

void event_replay_add(Db *db, EventReplayRow *row)
{
    db_run(db,
           SQL("INSERT INTO event_replay(account, region, name, description, archive, source,"
               " destination, state, reason, since, until, started, ended, at, last)"
               " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, ?13, ?14)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_TEXT(row->description), DB_INT(row->archive), DB_TEXT(row->source),
           DB_TEXT(row->destination), DB_TEXT(row->state), DB_TEXT(row->reason), DB_INT(row->from),
           DB_INT(row->until), DB_INT(row->started), DB_INT(row->at), DB_INT(row->last));
    row->n = db_last_id(db);
}

bool event_replay_find(Db *db, Str account, Str region, Str name, Arena *a, EventReplayRow *out)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT " COLUMNS " FROM event_replay"
                                           " WHERE account = ?1 AND region = ?2 AND name = ?3"),
                                       DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

bool event_replay_get(Db *db, int64_t n, Arena *a, EventReplayRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM event_replay WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_row(&r, a);
    return true;
}

void event_replay_set(Db *db, const EventReplayRow *row)
{
    db_run(db,
           SQL("UPDATE event_replay SET state = ?2, reason = ?3, ended = ?4, at = ?5, last = ?6"
               " WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->state), DB_TEXT(row->reason), DB_INT(row->ended),
           DB_INT(row->at), DB_INT(row->last));
}

int64_t event_replay_list(Db *db, const EventReplayFilter *f, Str after, int64_t max, Arena *a,
                          EventReplayRow **out)
{
    struct {
        EventReplayRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM event_replay WHERE account = ?1 AND region = ?2"
            " AND (?3 IS NULL OR substr(name, 1, length(?3)) = ?3) AND (?4 IS NULL OR state = ?4)"
            " AND (?5 IS NULL OR source = ?5) AND (?6 IS NULL OR name > ?6)"
            " ORDER BY name LIMIT ?7"),
        DB_TEXT(f->account), DB_TEXT(f->region), DB_TEXT(f->prefix), DB_TEXT(f->state),
        DB_TEXT(f->source), DB_TEXT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

int64_t event_replay_running(Db *db, Str account, Str region)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT count(*) FROM event_replay WHERE account = ?1 AND region = ?2"
                    " AND ended = 0"),
                DB_TEXT(account), DB_TEXT(region));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}
