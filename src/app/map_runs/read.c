/* read.c - the items of a Map Run on their way into its file: jobs of the pool, begun anew after a crash. */
#include "app/map_runs/reading.h"

#include "app/access/authorize.h"
#include "app/states/integrations_inner.h"
#include "store/buckets.h"
#include "store/objects_list.h"

/* ---- what is next: on the main thread, within an event ---- */

static Str s3_cause(Server *s, const Error *err)
{
    Str code = error_name(err->code);
    return str_printf(&s->turn,
                      "%s (Service: Amazon S3; Status Code: %d; Error Code: %.*s; Request ID: "
                      "%.*s; Proxy: null)",
                      err->text, error_status(err->code), STR(code),
                      STR(server_new_uuid(s, &s->turn)));
}

/* Buckets must be the account's own, and the role has to be allowed. */
static bool may_read(Server *s, const Reading *r, Str bucket, Bucket *out, Error *err)
{
    Error why = {0};
    const DataObject *at = r->next < r->objects.n ? &r->objects.p[r->next] : NULL;
    Str on = at ? str_printf(&s->turn, "arn:aws:s3:::%.*s/%.*s", STR(bucket), STR(at->key))
                : str_printf(&s->turn, "arn:aws:s3:::%.*s", STR(bucket));
    const PolicyKey prefix = {S("s3:prefix"), &r->set.prefix, 1};
    if (!authorize_act_with(s, &s->turn, &r->who, at ? S("s3:GetObject") : S("s3:ListBucket"), on,
                            &prefix, !at, &why))
        return error_set(err, ERR_S3_ACCESS_DENIED, "%s", why.text);
    if (!bucket_find(s->objects, bucket, &s->turn, out, err)) return false;
    Str owner = str_absent(r->set.owner) ? r->account : r->set.owner;
    if (str_eq(out->account, r->account) && str_eq(out->account, owner)) return true;
    return error_set(err, ERR_ACCESS_DENIED, "Access Denied");
}

static bool open_object(Server *s, Reading *r, Error *err)
{
    Bucket bucket;
    Object object;
    DataObject at = r->objects.p[r->next];
    bool named = r->next == 0 && !r->listing;
    if (!may_read(s, r, at.bucket, &bucket, err) ||
        !object_find(s->objects, at.bucket, at.key, named ? r->set.version : (Str){0}, &s->turn,
                     &object, err))
        return false;
    if (object.delete_marker)
        return error_set(err, ERR_S3_NO_SUCH_KEY, "The specified key does not exist.");
    if (object.size > READING_OBJECT_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "The object is larger than 10 GB");
    arena_reset(&r->body);
    if (!object_bytes(s->objects, &object, &r->body, &r->bytes, err)) return false;
    r->size = object.size;
    r->offset = 0;
    r->object = at;
    r->next++;
    r->step = r->manifest ? READING_MANIFEST : READING_OBJECT;
    return true;
}

static Json listed(Arena *a, const Object *o)
{
    JsonObject item = {.a = a};
    json_put_text(&item, S("Etag"), str_printf(a, "\"%.*s\"", STR(o->etag)));
    json_put_text(&item, S("Key"), o->key);
    json_put(&item, S("LastModified"), json_int(a, o->modified / 1000));
    json_put(&item, S("Size"), json_int(a, o->size));
    json_put_text(&item, S("StorageClass"),
                  str_absent(o->storage_class) ? S("STANDARD") : o->storage_class);
    return json_object(&item);
}

/* The objects are the items, or have them. */
static void take_listing(Reading *r, const Listing *list)
{
    Buf lines = {.a = &r->page};
    bool load = r->set.kind == DATA_FLATTENED;
    for (int64_t i = 0; i < list->n && (load || r->items < r->set.items_max); i++) {
        const Object *o = &list->p[i].object;
        if (load && o->size > 0)
            *vec_push(&r->page, &r->objects) =
                (DataObject){r->set.bucket, str_copy(&r->page, o->key)};
        if (load) continue;
        Json item = listed(&r->page, o);
        item_put(&lines, json_to_str(&r->page, &item), (Str){0}, (Str){0});
        r->items++;
    }
    r->lines = buf_str(&lines);
    r->step = READING_LINES;
}

static bool list_page(Server *s, Reading *r, Error *err)
{
    Bucket bucket;
    if (!may_read(s, r, r->set.bucket, &bucket, err)) return false;
    ListQuery q = {.bucket_id = bucket.id,
                   .prefix = r->set.prefix,
                   .after = r->after,
                   .max = LIST_ENTRIES_MAX};
    Listing list = object_list(s->objects, &q, &s->turn);
    r->objects = (DataObjects){0};
    r->next = 0;
    arena_reset(&r->page);
    if (list.n) {
        arena_reset(&r->place);
        r->after = str_copy(&r->place, list.p[list.n - 1].object.key);
    }
    r->listing = list.truncated;
    take_listing(r, &list);
    return true;
}

/* What the pool is to do next. */
static bool choose(Server *s, Reading *r, Error *err)
{
    bool enough = r->items >= r->set.items_max;
    if (r->step != READING_NOTHING) return true;
    if (r->bytes_open) return r->step = READING_OBJECT, true;
    if (!enough && r->next < r->objects.n) return open_object(s, r, err);
    if (!enough && r->listing) return list_page(s, r, err);
    r->step = r->synced ? READING_NOTHING : READING_SYNC;
    return true;
}

/* ---- results ---- */

static Str short_order(Arena *a, Str text)
{
    Json order;
    Error err = {0};
    JsonObject o = {.a = a};
    check(json_parse(text, a, &order, &err));
    for (int32_t i = 0; i < order.n; i++)
        if (!str_eq(order.members[i].key, S("Items")))
            json_put(&o, order.members[i].key, order.members[i].value);
    Json rest = json_object(&o);
    return json_to_str(a, &rest);
}

static void done(Server *s, Job *job)
{
    Reading *r = (Reading *)job;
    MapRunRow row;
    bool known = map_run_get(s->db, r->run, &s->turn, &row);
    Error err = r->error;
    r->over = !known || row.phase != MAP_RUN_READING || row.redrives != r->redrives;
    if (r->over) return;
    bool good = !err.code && choose(s, r, &err);
    r->over = !good || r->step == READING_NOTHING;
    if (!r->over || (!good && map_runs_postpone(s, row.n, &err))) return;
    if (!good) {
        bool mine = err.code == ERR_VALIDATION || err.code == ERR_SERIALIZATION;
        map_runs_fail(s, &row, S("States.ItemReaderFailed"),
                      mine ? str_copy(&s->turn, error_text(&err)) : s3_cause(s, &err));
        return;
    }
    row.items = r->items;
    row.phase = MAP_RUN_STARTING;
    map_run_set(s->db, &row);
    map_run_set_order(s->db, row.n, short_order(&s->turn, row.order));
    map_runs_wake(s, row.n);
}

/* After the commit of what `done` chose: the pool goes on with it, or the reading is over. */
static void release(Job *job)
{
    Reading *r = (Reading *)job;
    if (!r->over) {
        server_start_job(r->server, &r->job);
        return;
    }
    Reading **at = &r->server->map_runs->readings;
    while (*at != r) at = &(*at)->next_reading;
    *at = r->next_reading;
    reading_free(r);
}

/* ---- beginning ---- */

static void begin(Reading *r)
{
    Json order;
    check(json_parse(r->order, &r->a, &order, &r->error));
    const Json *reader = json_get(&order, S("ItemReader"));
    r->set.items_max = DATA_SET_ITEMS_MAX;
    r->step = READING_GIVEN;
    if (!reader || !data_set_parse(reader, &r->a, &r->set, &r->error)) return;
    r->step = READING_NOTHING;
    r->after = r->set.start_after;
    r->manifest = r->set.kind == DATA_INVENTORY || r->set.kind == DATA_ATHENA;
    r->listing = r->set.kind == DATA_LIST || r->set.kind == DATA_FLATTENED;
    if (!r->listing) *vec_push(&r->a, &r->objects) = (DataObject){r->set.bucket, r->set.key};
}

void map_runs_read(Server *s, const MapRunRow *row)
{
    ExecutionRow parent;
    for (Reading *r = s->map_runs->readings; r; r = r->next_reading)
        if (r->run == row->n) return;
    if (!execution_row_get(s->db, row->execution, &s->turn, &parent)) return;
    Reading *r = calloc(1, sizeof *r);
    check(r);
    *r = (Reading){.job = {.work = reading_work, .done = done, .release = release},
                   .server = s,
                   .data = s->data,
                   .run = row->n,
                   .redrives = row->redrives,
                   .out = -1,
                   .bytes = {.fd = -1},
                   .next_reading = s->map_runs->readings};
    r->order = str_copy(&r->a, row->order);
    r->account = str_copy(&r->a, parent.account);
    r->who = task_identity(&parent);
    Str *texts[] = {&r->who.account, &r->who.region, &r->who.role, &r->who.source_arn};
    for (int i = 0; i < countof(texts); i++) *texts[i] = str_copy(&r->a, *texts[i]);
    r->library = str_printf(&r->a, "%.*s/.deps/duckdb/libduckdb.so", STR(s->config.home));
    begin(r);
    s->map_runs->readings = r;
    server_start_job(s, &r->job);
}
