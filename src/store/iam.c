/* iam.c - IAM's entities and their links as rows. */
#include "store/iam.h"

const char iam_schema[] =
    "CREATE TABLE IF NOT EXISTS iam_entity("
    " account TEXT NOT NULL, kind INTEGER NOT NULL, name TEXT NOT NULL COLLATE NOCASE,"
    " path TEXT NOT NULL, id TEXT NOT NULL, description TEXT, trust TEXT, boundary TEXT, tags TEXT,"
    " session_s INTEGER NOT NULL, version INTEGER NOT NULL, versions INTEGER NOT NULL,"
    " created INTEGER NOT NULL, updated INTEGER NOT NULL,"
    " PRIMARY KEY(account, kind, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS iam_entity_by_boundary ON iam_entity(account, boundary)"
    " WHERE boundary IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS iam_link("
    " account TEXT NOT NULL, kind INTEGER NOT NULL, owner TEXT NOT NULL COLLATE NOCASE,"
    " relation INTEGER NOT NULL, target TEXT NOT NULL COLLATE NOCASE, text TEXT,"
    " PRIMARY KEY(account, kind, owner, relation, target)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS iam_link_by_target ON iam_link(account, relation, target);"
    "CREATE TABLE IF NOT EXISTS iam_version("
    " account TEXT NOT NULL, policy TEXT NOT NULL COLLATE NOCASE, n INTEGER NOT NULL,"
    " document TEXT NOT NULL, created INTEGER NOT NULL,"
    " PRIMARY KEY(account, policy, n)) STRICT, WITHOUT ROWID";

#define COLUMNS                                                                                    \
    "account, kind, name, path, id, description, trust, boundary, tags, session_s, version, "      \
    "versions, created, updated"

static IamEntity read_entity(const Rows *r, Arena *a)
{
    return (IamEntity){
        .account = rows_text(r, 0, a),
        .kind = (IamKind)rows_int(r, 1),
        .name = rows_text(r, 2, a),
        .path = rows_text(r, 3, a),
        .id = rows_text(r, 4, a),
        .description = rows_text(r, 5, a),
        .trust = rows_text(r, 6, a),
        .boundary = rows_text(r, 7, a),
        .tags = rows_text(r, 8, a),
        .session_s = rows_int(r, 9),
        .version = rows_int(r, 10),
        .versions = rows_int(r, 11),
        .created = rows_int(r, 12),
        .updated = rows_int(r, 13),
    };
}

void iam_put(Db *db, const IamEntity *e)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO iam_entity(" COLUMNS
               ") VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"),
           DB_TEXT(e->account), DB_INT(e->kind), DB_TEXT(e->name), DB_TEXT(e->path), DB_TEXT(e->id),
           DB_TEXT(e->description), DB_TEXT(e->trust), DB_TEXT(e->boundary), DB_TEXT(e->tags),
           DB_INT(e->session_s), DB_INT(e->version), DB_INT(e->versions), DB_INT(e->created),
           DB_INT(e->updated));
}

bool iam_find(Db *db, Str account, IamKind kind, Str name, Arena *a, IamEntity *out)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT " COLUMNS " FROM iam_entity WHERE account = ?1 AND kind = ?2 AND name = ?3"),
        DB_TEXT(account), DB_INT(kind), DB_TEXT(name));
    if (!rows_next(&r)) return false;
    *out = read_entity(&r, a);
    return true;
}

void iam_remove(Db *db, const IamEntity *e)
{
    db_run(db, SQL("DELETE FROM iam_entity WHERE account = ?1 AND kind = ?2 AND name = ?3"),
           DB_TEXT(e->account), DB_INT(e->kind), DB_TEXT(e->name));
    db_run(db, SQL("DELETE FROM iam_link WHERE account = ?1 AND kind = ?2 AND owner = ?3"),
           DB_TEXT(e->account), DB_INT(e->kind), DB_TEXT(e->name));
    if (e->kind == IAM_POLICY)
        db_run(db, SQL("DELETE FROM iam_version WHERE account = ?1 AND policy = ?2"),
               DB_TEXT(e->account), DB_TEXT(e->name));
}

void iam_rename(Db *db, const IamEntity *e, Str name)
{
    db_run(db,
           SQL("UPDATE iam_entity SET name = ?4 WHERE account = ?1 AND kind = ?2 AND name = ?3"),
           DB_TEXT(e->account), DB_INT(e->kind), DB_TEXT(e->name), DB_TEXT(name));
    db_run(db,
           SQL("UPDATE iam_link SET owner = ?4 WHERE account = ?1 AND kind = ?2 AND owner = ?3"),
           DB_TEXT(e->account), DB_INT(e->kind), DB_TEXT(e->name), DB_TEXT(name));
    IamKind holder = e->kind == IAM_USER ? IAM_GROUP : IAM_PROFILE;
    if (e->kind != IAM_USER && e->kind != IAM_ROLE) return;
    db_run(db,
           SQL("UPDATE iam_link SET target = ?5 WHERE account = ?1 AND relation = ?2 AND target = "
               "?3 AND kind = ?4"),
           DB_TEXT(e->account), DB_INT(IAM_MEMBER), DB_TEXT(e->name), DB_INT(holder),
           DB_TEXT(name));
}

int64_t iam_list(Db *db, Str account, IamKind kind, Str path_prefix, Str after, int64_t max,
                 Arena *a, IamEntity **out)
{
    struct {
        IamEntity *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT " COLUMNS " FROM iam_entity WHERE account = ?1 AND kind = ?2"
                    " AND (?3 IS NULL OR substr(path || name, 1, length(?3)) = ?3)"
                    " AND (?4 IS NULL OR name > ?4) ORDER BY name LIMIT ?5"),
                DB_TEXT(account), DB_INT(kind), DB_TEXT(path_prefix), DB_TEXT(after), DB_INT(max));
    while (rows_next(&r)) *vec_push(a, &v) = read_entity(&r, a);
    *out = v.p;
    return v.n;
}

int64_t iam_count(Db *db, Str account, IamKind kind)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT count(*) FROM iam_entity WHERE account = ?1 AND kind = ?2"),
                DB_TEXT(account), DB_INT(kind));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

/* ---- ARNs ---- */

static const char *const arn_words[IAM_KINDS] = {"user", "group", "role", "instance-profile",
                                                 "policy"};

Str iam_arn(Arena *a, const IamEntity *e)
{
    return str_printf(a, "arn:aws:iam::%.*s:%s%.*s%.*s", STR(e->account), arn_words[e->kind],
                      STR(e->path), STR(e->name));
}

bool iam_arn_parse(Str arn, Str *account, IamKind *kind, Str *name)
{
    Str head = S("arn:aws:iam::"), word;
    if (!str_starts(arn, head)) return false;
    Str rest = str_slice(arn, head.n, arn.n);
    if (!str_cut(&rest, ':', account) || !str_cut(&rest, '/', &word)) return false;
    *name = str_slice(rest, str_rfind_char(rest, '/') + 1, rest.n);
    for (IamKind k = 0; k < IAM_KINDS; k++)
        if (str_eq(word, str_from(arn_words[k]))) return *kind = k, name->n > 0;
    return false;
}

/* ---- links ---- */

void iam_link(Db *db, const IamEntity *owner, IamRelation relation, Str target, Str text)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO iam_link(account, kind, owner, relation, target, text) "
               "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"),
           DB_TEXT(owner->account), DB_INT(owner->kind), DB_TEXT(owner->name), DB_INT(relation),
           DB_TEXT(target), DB_TEXT(text));
}

static IamLink read_link(const Rows *r, Arena *a)
{
    return (IamLink){(IamKind)rows_int(r, 0), rows_text(r, 1, a), rows_text(r, 2, a),
                     rows_text(r, 3, a)};
}

bool iam_link_find(Db *db, const IamEntity *owner, IamRelation relation, Str target, Arena *a,
                   IamLink *out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT kind, owner, target, text FROM iam_link WHERE account = ?1 AND kind = "
                    "?2 AND owner = ?3 AND relation = ?4 AND target = ?5"),
                DB_TEXT(owner->account), DB_INT(owner->kind), DB_TEXT(owner->name),
                DB_INT(relation), DB_TEXT(target));
    if (!rows_next(&r)) return false;
    *out = read_link(&r, a);
    return true;
}

bool iam_unlink(Db *db, const IamEntity *owner, IamRelation relation, Str target)
{
    return db_run(db,
                  SQL("DELETE FROM iam_link WHERE account = ?1 AND kind = ?2 AND owner = ?3 AND "
                      "relation = ?4 AND target = ?5"),
                  DB_TEXT(owner->account), DB_INT(owner->kind), DB_TEXT(owner->name),
                  DB_INT(relation), DB_TEXT(target)) > 0;
}

static int64_t take_links(Rows *r, Arena *a, IamLink **out)
{
    struct {
        IamLink *p;
        int64_t n, cap;
    } v = {0};
    while (rows_next(r)) *vec_push(a, &v) = read_link(r, a);
    *out = v.p;
    return v.n;
}

int64_t iam_links(Db *db, const IamEntity *owner, IamRelation relation, Str after, int64_t max,
                  Arena *a, IamLink **out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT kind, owner, target, text FROM iam_link WHERE account = ?1 AND kind = "
                    "?2 AND owner = ?3 AND relation = ?4 AND (?5 IS NULL OR target > ?5) "
                    "ORDER BY target LIMIT ?6"),
                DB_TEXT(owner->account), DB_INT(owner->kind), DB_TEXT(owner->name),
                DB_INT(relation), DB_TEXT(after), DB_INT(max));
    return take_links(&r, a, out);
}

int64_t iam_linked(Db *db, Str account, IamKind kind, IamRelation relation, Str target, Str after,
                   int64_t max, Arena *a, IamLink **out)
{
    cleanup(rows_end) Rows r =
        db_rows(db,
                SQL("SELECT kind, owner, target, text FROM iam_link WHERE account = ?1 AND "
                    "relation = ?2 AND target = ?3 AND kind = ?4 AND (?5 IS NULL OR owner > ?5) "
                    "ORDER BY owner LIMIT ?6"),
                DB_TEXT(account), DB_INT(relation), DB_TEXT(target), DB_INT(kind), DB_TEXT(after),
                DB_INT(max));
    return take_links(&r, a, out);
}

int64_t iam_attached_count(Db *db, Str account, Str policy_arn)
{
    cleanup(rows_end) Rows r = db_rows(
        db,
        SQL("SELECT count(*) FROM iam_link WHERE account = ?1 AND relation = ?2 AND target = ?3"),
        DB_TEXT(account), DB_INT(IAM_ATTACHED), DB_TEXT(policy_arn));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

int64_t iam_boundary_count(Db *db, Str account, Str policy_arn)
{
    cleanup(rows_end) Rows r =
        db_rows(db, SQL("SELECT count(*) FROM iam_entity WHERE account = ?1 AND boundary = ?2"),
                DB_TEXT(account), DB_TEXT(policy_arn));
    return rows_next(&r) ? rows_int(&r, 0) : 0;
}

/* ---- versions ---- */

void iam_version_put(Db *db, const IamEntity *policy, const IamVersion *v)
{
    db_run(db,
           SQL("INSERT OR REPLACE INTO iam_version(account, policy, n, document, created) "
               "VALUES(?1, ?2, ?3, ?4, ?5)"),
           DB_TEXT(policy->account), DB_TEXT(policy->name), DB_INT(v->n), DB_TEXT(v->document),
           DB_INT(v->created));
}

bool iam_version_find(Db *db, const IamEntity *policy, int64_t n, Arena *a, IamVersion *out)
{
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT n, document, created FROM iam_version WHERE "
                                           "account = ?1 AND policy = ?2 AND n = ?3"),
                                       DB_TEXT(policy->account), DB_TEXT(policy->name), DB_INT(n));
    if (!rows_next(&r)) return false;
    *out = (IamVersion){rows_int(&r, 0), rows_text(&r, 1, a), rows_int(&r, 2)};
    return true;
}

bool iam_version_remove(Db *db, const IamEntity *policy, int64_t n)
{
    return db_run(db, SQL("DELETE FROM iam_version WHERE account = ?1 AND policy = ?2 AND n = ?3"),
                  DB_TEXT(policy->account), DB_TEXT(policy->name), DB_INT(n)) > 0;
}

int64_t iam_version_list(Db *db, const IamEntity *policy, Arena *a, IamVersion **out)
{
    struct {
        IamVersion *p;
        int64_t n, cap;
    } v = {0};
    cleanup(rows_end) Rows r = db_rows(db,
                                       SQL("SELECT n, document, created FROM iam_version WHERE "
                                           "account = ?1 AND policy = ?2 ORDER BY n DESC"),
                                       DB_TEXT(policy->account), DB_TEXT(policy->name));
    while (rows_next(&r))
        *vec_push(a, &v) = (IamVersion){rows_int(&r, 0), rows_text(&r, 1, a), rows_int(&r, 2)};
    *out = v.p;
    return v.n;
}
