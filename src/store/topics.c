/* topics.c - rows of topics, subscriptions and posts. */
#include "store/topics.h"

const char topics_schema[] =
    "CREATE TABLE IF NOT EXISTS topic("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT "
    "NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " UNIQUE(account, region, name)) STRICT;"
    "CREATE TABLE IF NOT EXISTS subscription("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, topic INTEGER NOT NULL, id TEXT NOT NULL, protocol TEXT "
    "NOT NULL, endpoint TEXT NOT NULL, owner TEXT NOT NULL, attributes TEXT NOT NULL,"
    " token TEXT NOT NULL, confirmed INTEGER NOT NULL, UNIQUE(topic, protocol, endpoint)) STRICT;"
    "CREATE TABLE IF NOT EXISTS topic_post("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, subscription INTEGER NOT NULL, kind TEXT NOT NULL,"
    " message_id TEXT NOT NULL, body TEXT NOT NULL, raw INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS topic_post_by_subscription ON topic_post(subscription)";

/* ---- topics ---- */

#define TOPIC_COLUMNS "n, account, region, name, attributes, tags, sequence"

static TopicRow read_topic(const Rows *r, Arena *a)
{
    return (TopicRow){
        .n = rows_int(r, 0),
        .account = rows_text(r, 1, a),
        .region = rows_text(r, 2, a),
        .name = rows_text(r, 3, a),
        .attributes = rows_text(r, 4, a),
        .tags = rows_text(r, 5, a),
        .sequence = rows_int(r, 6),
    };
}

void topic_row_add(Db *db, TopicRow *row)
{
    db_run(db,
           SQL("INSERT INTO topic(account, region, name, attributes, tags, sequence)"
               " VALUES(?1, ?2, ?3, ?4, ?5, 0)"),
           DB_TEXT(row->account), DB_TEXT(row->region), DB_TEXT(row->name),
           DB_TEXT(row->attributes), DB_TEXT(row->tags));
    row->n = db_last_id(db);
}

bool topic_row_find(Db *db, Str account, Str region, Str name, Arena *a, TopicRow *out)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT " TOPIC_COLUMNS " FROM topic WHERE account = ?1"
                                           " AND region = ?2 AND name = ?3"),
                                       DB_TEXT(account), DB_TEXT(region), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_topic(&r, a);
    return true;
}

bool topic_row_get(Db *db, int64_t n, Arena *a, TopicRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " TOPIC_COLUMNS " FROM topic WHERE n = ?1"), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = read_topic(&r, a);
    return true;
}

void topic_row_set(Db *db, const TopicRow *row)
{
    db_run(db, SQL("UPDATE topic SET attributes = ?2, tags = ?3, sequence = ?4 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->attributes), DB_TEXT(row->tags), DB_INT(row->sequence));
}

void topic_row_remove(Db *db, int64_t n)
{
    db_run(db,
           SQL("DELETE FROM topic_post WHERE subscription IN"
               " (SELECT n FROM subscription WHERE topic = ?1)"),
           DB_INT(n));
    db_run(db, SQL("DELETE FROM subscription WHERE topic = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM topic WHERE n = ?1"), DB_INT(n));
}

int64_t topic_row_list(Db *db, Str account, Str region, Str after, int64_t max, Arena *a,
                       TopicRow **out)
{
    struct {
        TopicRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " TOPIC_COLUMNS " FROM topic WHERE account = ?1 AND region = ?2"
                    " AND (?3 IS NULL OR name > ?3) ORDER BY name LIMIT ?4"),
                DB_TEXT(account), DB_TEXT(region), DB_TEXT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_topic(&r, a);
    *out = v.p;
    return v.n;
}

/* ---- subscriptions ---- */

#define FIELDS  "topic, id, protocol, endpoint, owner, attributes, token, confirmed"
#define COLUMNS "n, " FIELDS

static SubscriptionRow read_row(const Rows *r, Arena *a)
{
    return (SubscriptionRow){
        .n = rows_int(r, 0),
        .topic = rows_int(r, 1),
        .id = rows_text(r, 2, a),
        .protocol = rows_text(r, 3, a),
        .endpoint = rows_text(r, 4, a),
        .owner = rows_text(r, 5, a),
        .attributes = rows_text(r, 6, a),
        .token = rows_text(r, 7, a),
        .confirmed = rows_int(r, 8) != 0,
    };
}

static bool first(Rows *r, Arena *a, SubscriptionRow *out)
{
    if (!rows_next(r)) return false;
    *out = read_row(r, a);
    return true;
}

void subscription_add(Db *db, SubscriptionRow *row)
{
    db_run(db, SQL("INSERT INTO subscription(" FIELDS ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
           DB_INT(row->topic), DB_TEXT(row->id), DB_TEXT(row->protocol), DB_TEXT(row->endpoint),
           DB_TEXT(row->owner), DB_TEXT(row->attributes), DB_TEXT(row->token),
           DB_INT(row->confirmed));
    row->n = db_last_id(db);
}

bool subscription_find(Db *db, int64_t topic, Str id, Arena *a, SubscriptionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM subscription WHERE topic = ?1 AND id = ?2"),
                DB_INT(topic), DB_TEXT(id));
    return first(&r, a, out);
}

bool subscription_get(Db *db, int64_t n, Arena *a, SubscriptionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM subscription WHERE n = ?1"), DB_INT(n));
    return first(&r, a, out);
}

bool subscription_like(Db *db, int64_t topic, Str protocol, Str endpoint, Arena *a,
                       SubscriptionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM subscription WHERE topic = ?1 AND protocol = ?2"
                    " AND endpoint = ?3"),
                DB_INT(topic), DB_TEXT(protocol), DB_TEXT(endpoint));
    return first(&r, a, out);
}

bool subscription_by_token(Db *db, int64_t topic, Str token, Arena *a, SubscriptionRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT " COLUMNS " FROM subscription WHERE topic = ?1 AND token = ?2"),
                DB_INT(topic), DB_TEXT(token));
    return first(&r, a, out);
}

void subscription_set(Db *db, const SubscriptionRow *row)
{
    db_run(db, SQL("UPDATE subscription SET attributes = ?2, confirmed = ?3 WHERE n = ?1"),
           DB_INT(row->n), DB_TEXT(row->attributes), DB_INT(row->confirmed));
}

void subscription_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM topic_post WHERE subscription = ?1"), DB_INT(n));
    db_run(db, SQL("DELETE FROM subscription WHERE n = ?1"), DB_INT(n));
}

static Rows of_topic(Db *db, int64_t topic, int64_t after, int64_t max)
{
    return db_rows(db,
                   SQL("SELECT " COLUMNS " FROM subscription WHERE topic = ?1 AND n > ?2"
                       " ORDER BY n LIMIT ?3"),
                   DB_INT(topic), DB_INT(after), DB_INT(max));
}

static Rows of_region(Db *db, Str account, Str region, int64_t after, int64_t max)
{
    return db_rows(db,
                   SQL("SELECT " COLUMNS " FROM subscription WHERE topic IN (SELECT n FROM topic"
                       " WHERE account = ?1 AND region = ?2) AND n > ?3 ORDER BY n LIMIT ?4"),
                   DB_TEXT(account), DB_TEXT(region), DB_INT(after), DB_INT(max));
}

int64_t subscription_list(Db *db, int64_t topic, Str account, Str region, int64_t after,
                          int64_t max, Arena *a, SubscriptionRow **out)
{
    struct {
        SubscriptionRow *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        topic ? of_topic(db, topic, after, max) : of_region(db, account, region, after, max);
    while (rows_next(&r)) *vec_push(a, &v) = read_row(&r, a);
    *out = v.p;
    return v.n;
}

SubscriptionCounts subscription_count(Db *db, int64_t topic)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT count(*) FILTER (WHERE confirmed = 1),"
                    " count(*) FILTER (WHERE confirmed = 0) FROM subscription WHERE topic = ?1"),
                DB_INT(topic));
    if (!rows_next(&r)) return (SubscriptionCounts){0};
    return (SubscriptionCounts){rows_int(&r, 0), rows_int(&r, 1)};
}

/* ---- posts ---- */

void post_add(Db *db, PostRow *row)
{
    db_run(db,
           SQL("INSERT INTO topic_post(subscription, kind, message_id, body, raw, attempts)"
               " VALUES(?1, ?2, ?3, ?4, ?5, 0)"),
           DB_INT(row->subscription), DB_TEXT(row->kind), DB_TEXT(row->message_id),
           DB_TEXT(row->body), DB_INT(row->raw));
    row->n = db_last_id(db);
}

bool post_get(Db *db, int64_t n, Arena *a, PostRow *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT n, subscription, kind, message_id, body, raw, attempts"
                    " FROM topic_post WHERE n = ?1"),
                DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = (PostRow){
        .n = rows_int(&r, 0),
        .subscription = rows_int(&r, 1),
        .kind = rows_text(&r, 2, a),
        .message_id = rows_text(&r, 3, a),
        .body = rows_text(&r, 4, a),
        .raw = rows_int(&r, 5) != 0,
        .attempts = rows_int(&r, 6),
    };
    return true;
}

void post_set_attempts(Db *db, int64_t n, int64_t attempts)
{
    db_run(db, SQL("UPDATE topic_post SET attempts = ?2 WHERE n = ?1"), DB_INT(n),
           DB_INT(attempts));
}

void post_remove(Db *db, int64_t n)
{
    db_run(db, SQL("DELETE FROM topic_post WHERE n = ?1"), DB_INT(n));
}
