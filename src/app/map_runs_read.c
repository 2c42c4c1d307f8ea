/* map_runs_read.c - the items of a Map Run on their way into its file: a job of the pool, begun anew after a crash. */
#include "app/map_runs.h"
#include "app/map_runs_items.h"

typedef struct Reading {
    Job job; /* first: the pool gives it back */
    Server *server;
    Folder *data;
    int64_t run, redrives;
    Arena a;
    Str order; /* JSON */
    int64_t items;
    Error error;
    struct Reading *next;
} Reading;

/* ---- on the pool ---- */

static bool write_items(Reading *r, const Json *items)
{
    int fd;
    Arena a = {0};
    Buf lines = {.a = &a};
    for (int32_t i = 0; i < json_count(items); i++)
        item_put(&lines, json_to_str(&a, &items->items[i]), (Str){0}, (Str){0});
    r->items = json_count(items);
    bool good = file_open(r->data, map_runs_file(&a, r->run), FILE_REPLACE, &fd, &r->error);
    if (good) {
        good = file_write(fd, buf_str(&lines), &r->error) && file_sync(fd, &r->error) &&
               folder_sync(r->data, S("map-runs"), &r->error);
        file_close(fd);
    }
    arena_free(&a);
    return good;
}

static void work(Job *job)
{
    Reading *r = (Reading *)job;
    Json order;
    if (!json_parse(r->order, &r->a, &order, &r->error)) return;
    bool good = write_items(r, json_get(&order, S("Items")));
    check(good || r->error.code);
}

/* ---- on the main thread ---- */

/* The order without the items, which are in the file now. */
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
    if (!known || row.phase != MAP_RUN_READING || row.redrives != r->redrives) return;
    if (r->error.code) {
        map_runs_fail(s, &row, S("States.ItemReaderFailed"),
                      str_copy(&s->turn, error_text(&r->error)));
        return;
    }
    row.items = r->items;
    row.phase = MAP_RUN_STARTING;
    map_run_set(s->db, &row);
    map_run_set_order(s->db, row.n, short_order(&s->turn, row.order));
    map_runs_wake(s, row.n);
}

static void release(Job *job)
{
    Reading *r = (Reading *)job;
    Reading **at = &r->server->map_runs->readings;
    while (*at != r) at = &(*at)->next;
    *at = r->next;
    arena_free(&r->a);
    free(r);
}

void map_runs_read(Server *s, const MapRunRow *row)
{
    for (Reading *r = s->map_runs->readings; r; r = r->next)
        if (r->run == row->n) return;
    Reading *r = calloc(1, sizeof *r);
    check(r);
    *r = (Reading){.job = {.work = work, .done = done, .release = release},
                   .server = s,
                   .data = s->data,
                   .run = row->n,
                   .redrives = row->redrives,
                   .next = s->map_runs->readings};
    r->order = str_copy(&r->a, row->order);
    s->map_runs->readings = r;
    server_start_job(s, &r->job);
}
