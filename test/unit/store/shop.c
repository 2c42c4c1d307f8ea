/* shop.c - an object store on a real disk for one test. */
#include "shop.h"

static void must(bool good, const Error *err)
{
    if (!good) test_fail(__FILE__, __LINE__, "%s", err->text);
    check(good);
}

static void start(Shop *s)
{
    Error err = {0};
    Str path = str_printf(test_arena(), "%.*s/state.db", STR(folder_path(s->folder)));
    must(db_open(&s->db, str_z(test_arena(), path), NULL, &err), &err);
    must(objects_open(s->db, s->folder, &s->o, &err), &err);
    shop_begin(s);
    must(objects_recover(s->o, &err), &err);
    check(shop_end(s));
}

static void add_bucket(Shop *s, const char *name)
{
    Error err = {0};
    shop_begin(s);
    must(bucket_create(
             s->o,
             &(Bucket){.name = str_from(name), .account = S("1"), .region = S("r"), .created = 1},
             &err),
         &err);
    check(shop_end(s));
}

Shop shop_open(void)
{
    Shop s = {.folder = fresh_folder(), .now = 1000};
    start(&s);
    add_bucket(&s, "one");
    add_bucket(&s, "two");
    return s;
}

void shop_close(Shop *s)
{
    objects_close(s->o);
    db_close(s->db);
    folder_gone(s->folder);
}

void shop_crash(Shop *s)
{
    objects_close(s->o);
    db_close(s->db);
    start(s);
}

void shop_begin(Shop *s)
{
    db_event_begin(s->db);
}

bool shop_end(Shop *s)
{
    Error err = {0};
    bool kept = db_event_end(s->db, true, &err);
    return db_commit(s->db, &err) && kept;
}

bool shop_put(Shop *s, const char *bucket, Str key, Str body)
{
    Error err = {0};
    ObjectBody made;
    Object out;
    Upload *u = upload_open(s->o, NULL);
    must(upload_put(u, body, &err) && upload_seal(u, &err) &&
             upload_body(u, test_arena(), &made, &err),
         &err);
    shop_begin(s);
    bool good = object_put(s->o, str_from(bucket), key, &made, &(ObjectNew){0}, s->now += 1000,
                           test_arena(), &out, &err);
    good = shop_end(s) && good;
    upload_close(u, good);
    return good;
}

bool shop_delete(Shop *s, const char *bucket, Str key)
{
    Error err = {0};
    ObjectGone gone;
    shop_begin(s);
    must(object_delete(s->o, str_from(bucket), key, (Str){0}, (Str){0}, s->now += 1000,
                       test_arena(), &gone, &err),
         &err);
    return shop_end(s) && gone.existed;
}

Str shop_get(Shop *s, const char *bucket, Str key, Str version)
{
    Error err = {0};
    Object object;
    ObjectBytes bytes;
    int64_t got = 0;
    if (!object_find(s->o, str_from(bucket), key, version, test_arena(), &object, &err))
        return error_name(err.code);
    if (object.delete_marker) return S("delete marker");
    if (!object_bytes(s->o, &object, test_arena(), &bytes, &err))
        return error_text(&(Error){.code = err.code});
    if (bytes.fd < 0) return bytes.bytes;
    char *p = new_array(test_arena(), char, object.size);
    must(file_read(bytes.fd, 0, p, object.size, &got, &err), &err);
    object_bytes_close(&bytes);
    return (Str){p, got};
}

Object shop_find(Shop *s, const char *bucket, Str key)
{
    Error err = {0};
    Object object = {0};
    must(object_find(s->o, str_from(bucket), key, (Str){0}, test_arena(), &object, &err), &err);
    return object;
}

bool shop_mark(Shop *s, SettleBatch *b)
{
    shop_begin(s);
    bool all = settle_mark(s->o, b);
    check(shop_end(s));
    settle_free(s->o, b, true);
    return all;
}

void shop_settle(Shop *s)
{
    SettleBatch *b;
    for (int i = 0; i < 100 && (b = settle_pick(s->o)); i++) {
        settle_work(b);
        ok(shop_mark(s, b));
        ok(i < 99);
    }
}

bool shop_has_file(Shop *s, const char *path)
{
    FileInfo info;
    Error err;
    return file_info(s->folder, str_from(path), &info, &err) && !info.is_folder;
}

int64_t shop_names_in(Shop *s, const char *path)
{
    StrVec names = {0};
    Error err;
    return folder_list(s->folder, str_from(path), test_arena(), &names, &err) ? names.n : -1;
}

int64_t shop_files_below(Shop *s, Str path)
{
    StrVec names = {0};
    FileInfo info;
    Error err = {0};
    int64_t n = 0;
    must(folder_list(s->folder, path, test_arena(), &names, &err), &err);
    for (int64_t i = 0; i < names.n; i++) {
        Str below = str_printf(test_arena(), "%.*s/%.*s", STR(path), STR(names.p[i]));
        must(file_info(s->folder, below, &info, &err), &err);
        n += info.is_folder ? shop_files_below(s, below) : 1;
    }
    return n;
}

int64_t shop_loose_rows(Shop *s)
{
    cleanup(rows_end) Rows r = db_rows(
        s->db, SQL("SELECT (SELECT count(*) FROM inline_body) + (SELECT count(*) FROM garbage)"
                   " + (SELECT count(*) FROM part) + (SELECT count(*) FROM object_part)"));
    return rows_next(&r) ? rows_int(&r, 0) : -1;
}

Str shop_bytes(int64_t n, int seed)
{
    char *p = new_array(test_arena(), char, n + 1);
    uint64_t x = (uint64_t)seed * 0x9e3779b97f4a7c15u + 1;
    for (int64_t i = 0; i < n; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        p[i] = (char)x;
    }
    return (Str){p, n};
}
