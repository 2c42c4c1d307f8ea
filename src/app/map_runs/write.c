/* write.c - a Map Run's results as files in a bucket: collected in portions, all put in one event with their manifest. */
#include "app/access/authorize.h"
#include "app/map_runs/map_runs.h"
#include "app/map_runs/results.h"
#include "app/states/integrations_inner.h"
#include "base/time.h"
#include "store/buckets.h"

enum {
    RESULTS_AT_ONCE = 500,
    RESULT_BYTES_AT_ONCE = 1024 * 1024,
    FILES_MAX = 1000,
};
#define RESULT_FILE_BYTES_MAX ((int64_t)5 << 30)

typedef enum ResultKind { RESULTS_FAILED, RESULTS_PENDING, RESULTS_SUCCEEDED } ResultKind;
enum { RESULT_KINDS = RESULTS_SUCCEEDED + 1 };
static const char *const kind_names[RESULT_KINDS] = {"FAILED", "PENDING", "SUCCEEDED"};

typedef struct ResultFile {
    ResultKind kind;
    int64_t number, bytes;
    Upload *upload;
    Str text; /* to be appended by the pool */
    bool first, put;
    Str key; /* once it is put */
} ResultFile;

typedef struct Writing {
    Job job; /* first: the pool gives it back */
    Server *server;
    int64_t run, redrives;
    Arena a, page;
    ResultForm form;
    Str bucket, prefix;
    MapRunRow rest;     /* the items that never began: how far they have been taken */
    int64_t next_child; /* the first whose result was not taken */
    bool chosen, sealing, over;
    struct {
        ResultFile *p;
        int64_t n, cap;
    } files;
    Error error;
    struct Writing *next_writing;
} Writing;

/* ---- on the pool ---- */

static void work(Job *job)
{
    Writing *w = (Writing *)job;
    bool good = true;
    for (int64_t i = 0; i < w->files.n && good; i++) {
        ResultFile *f = &w->files.p[i];
        if (f->text.n) good = upload_put(f->upload, f->text, &w->error);
        f->text = (Str){0};
        if (good && w->sealing) good = upload_seal(f->upload, &w->error);
    }
    w->chosen = false;
}

/* ---- portions, on the main thread ---- */

static ResultFile *file_of(Writing *w, ResultKind kind)
{
    int64_t number = 0;
    for (int64_t i = w->files.n - 1; i >= 0; i--) {
        ResultFile *f = &w->files.p[i];
        if (f->kind != kind) continue;
        if (f->bytes < RESULT_FILE_BYTES_MAX || w->files.n == FILES_MAX) return f;
        number = f->number + 1;
        break;
    }
    ResultFile *f = vec_push(&w->a, &w->files);
    *f = (ResultFile){.kind = kind,
                      .number = number,
                      .first = true,
                      .upload = upload_open(w->server->objects, NULL)};
    return f;
}

static Buf begin_text(Writing *w, const ResultFile *f)
{
    Buf out = {.a = &w->page};
    if (f->bytes == 0 && !w->form.lines) buf_putc(&out, '[');
    return out;
}

static void end_text(ResultFile *f, const Buf *out)
{
    f->text = buf_str(out);
    f->bytes += out->n;
}

static void take_kind(Writing *w, ResultKind kind, const MapResult *results, int64_t n)
{
    int64_t mine = 0;
    for (int64_t i = 0; i < n; i++)
        mine += (results[i].child.status == ASL_SUCCEEDED) == (kind == RESULTS_SUCCEEDED);
    if (!mine) return;
    ResultFile *f = file_of(w, kind);
    Buf out = begin_text(w, f);
    for (int64_t i = 0; i < n; i++)
        if ((results[i].child.status == ASL_SUCCEEDED) == (kind == RESULTS_SUCCEEDED))
            result_put(&out, &w->form, &results[i], &f->first);
    end_text(f, &out);
}

typedef struct PendingText {
    Writing *w;
    ResultFile *f;
    Buf out;
} PendingText;

static void take_pending(void *owner, Str input, int64_t items)
{
    PendingText *p = owner;
    (void)items;
    result_put_pending(&p->out, &p->w->form, input, &p->f->first);
}

static void end_files(Writing *w)
{
    for (int64_t i = 0; i < w->files.n && !w->form.lines; i++) w->files.p[i].text = S("]");
    for (int64_t i = 0; i < w->files.n; i++) w->files.p[i].bytes += w->files.p[i].text.n;
    w->sealing = true;
}

/* What the pool is to append next. Items whose input cannot be made are left out: they are why the
 * run failed. */
static void choose(Server *s, Writing *w)
{
    MapResult *results;
    AslFault fault;
    if (w->chosen) return;
    arena_reset(&w->page);
    int64_t n = map_result_list(s->db, w->run, w->next_child, RESULTS_AT_ONCE, RESULT_BYTES_AT_ONCE,
                                &s->turn, &results);
    if (db_failed(s->db)) return;
    w->chosen = true;
    if (n) {
        take_kind(w, RESULTS_SUCCEEDED, results, n);
        take_kind(w, RESULTS_FAILED, results, n);
        w->next_child = results[n - 1].child.i + 1;
    } else if (w->rest.next_item < w->rest.items) {
        ResultFile *f = file_of(w, RESULTS_PENDING);
        PendingText p = {w, f, begin_text(w, f)};
        if (!map_runs_inputs(s, &w->rest, RESULTS_AT_ONCE, take_pending, &p, &fault))
            w->rest.next_item = w->rest.items;
        end_text(f, &p.out);
    } else {
        end_files(w);
    }
}

/* ---- the end ---- */

static Str key_below(Arena *a, Str prefix, Str run_arn, Str name)
{
    Str slash = prefix.n && !str_ends(prefix, S("/")) ? S("/") : S("");
    Str id = str_slice(run_arn, str_rfind_char(run_arn, ':') + 1, run_arn.n);
    return str_printf(a, "%.*s%.*s%.*s/%.*s", STR(prefix), STR(slash), STR(id), STR(name));
}

static Str manifest_key(Arena *a, Str prefix, Str run_arn)
{
    return key_below(a, prefix, run_arn, S("manifest.json"));
}

static Str key_of(Server *s, const Writing *w, Str name)
{
    return key_below(&s->turn, w->prefix, w->rest.arn, name);
}

static Json files_of(Server *s, const Writing *w, ResultKind kind)
{
    JsonArray list = {.a = &s->turn};
    for (int64_t i = 0; i < w->files.n; i++) {
        const ResultFile *f = &w->files.p[i];
        JsonObject o = {.a = &s->turn};
        if (f->kind != kind) continue;
        json_put_text(&o, S("Key"), f->key);
        json_put(&o, S("Size"), json_int(&s->turn, f->bytes));
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

static Str manifest_of(Server *s, const Writing *w)
{
    JsonObject o = {.a = &s->turn}, files = {.a = &s->turn};
    for (int kind = 0; kind < RESULT_KINDS; kind++)
        json_put(&files, str_from(kind_names[kind]), files_of(s, w, (ResultKind)kind));
    json_put_text(&o, S("DestinationBucket"), w->bucket);
    json_put_text(&o, S("MapRunArn"), w->rest.arn);
    json_put(&o, S("ResultFiles"), json_object(&files));
    Json all = json_object(&o);
    return json_to_str(&s->turn, &all);
}

static bool put_file(Server *s, Writing *w, ResultFile *f, Error *err)
{
    Object object;
    ObjectBody body;
    JsonObject facts = {.a = &s->turn};
    Str name = str_printf(&s->turn, "%s_%" PRId64 ".%s", kind_names[f->kind], f->number,
                          w->form.lines ? "jsonl" : "json");
    f->key = key_of(s, w, name);
    json_put_text(&facts, S("ContentType"), S("application/json"));
    ObjectNew what = {.facts = json_object(&facts)};
    f->put =
        upload_body(f->upload, &s->turn, &body, err) &&
        object_put(s->objects, w->bucket, f->key, &body, &what, s->now, &s->turn, &object, err);
    return f->put;
}

static bool put_all(Server *s, Writing *w, const MapRunRow *row, Str *manifest, Error *err)
{
    if (!map_runs_may_write(s, row, err)) return false;
    for (int64_t i = 0; i < w->files.n; i++)
        if (!put_file(s, w, &w->files.p[i], err)) return false;
    *manifest = key_of(s, w, S("manifest.json"));
    return object_put_bytes(s->objects, w->bucket, *manifest, manifest_of(s, w),
                            S("application/json"), s->now, err);
}

static Str details(Server *s, const Writing *w, Str manifest)
{
    JsonObject o = {.a = &s->turn}, where = {.a = &s->turn};
    json_put_text(&where, S("Bucket"), w->bucket);
    json_put_text(&where, S("Key"), manifest);
    json_put_text(&o, S("MapRunArn"), w->rest.arn);
    json_put(&o, S("ResultWriterDetails"), json_object(&where));
    Json all = json_object(&o);
    return json_to_str(&s->turn, &all);
}

static void count_written(MapRunCounts *c)
{
    c->written = 0;
    for (int status = ASL_SUCCEEDED; status <= ASL_ABORTED; status++) c->written += c->by[status];
}

/* A run that failed already keeps its own error. */
static void finish(Server *s, Writing *w, MapRunRow *row, Error *err)
{
    Str manifest = {0};
    for (int64_t i = 0; i < w->files.n; i++) w->files.p[i].put = false;
    if (!err->code && put_all(s, w, row, &manifest, err)) {
        count_written(&row->children);
        count_written(&row->counts);
    } else if (row->status == ASL_SUCCEEDED) {
        row->status = ASL_FAILED;
        row->error = S("States.ResultWriterFailed");
        row->cause = str_copy(&s->turn, error_text(err));
    }
    map_runs_finish(s, row, row->status == ASL_SUCCEEDED ? details(s, w, manifest) : (Str){0});
}

static void done(Server *s, Job *job)
{
    Writing *w = (Writing *)job;
    MapRunRow row;
    Error err = w->error;
    bool known = map_run_get(s->db, w->run, &s->turn, &row);
    w->over = !known || row.phase != MAP_RUN_WRITING || row.redrives != w->redrives;
    if (w->over) return;
    w->over = (w->sealing && !w->chosen) || err.code != ERR_NONE;
    if (!w->over)
        choose(s, w);
    else if (!map_runs_postpone(s, row.n, &err))
        finish(s, w, &row, &err);
}

Writing *writing_next(const Writing *w)
{
    return w->next_writing;
}

void writing_free(Writing *w)
{
    for (int64_t i = 0; i < w->files.n; i++) upload_close(w->files.p[i].upload, w->files.p[i].put);
    arena_free(&w->a);
    arena_free(&w->page);
    free(w);
}

static void release(Job *job)
{
    Writing *w = (Writing *)job;
    if (!w->over) {
        server_start_job(w->server, &w->job);
        return;
    }
    Writing **at = &w->server->map_runs->writings;
    while (*at != w) at = &(*at)->next_writing;
    *at = w->next_writing;
    writing_free(w);
}

/* ---- beginning ---- */

static const Json *place_of(const Json *order)
{
    const Json *writer = json_get(order, S("ResultWriter"));
    const Json *place = json_get(writer, S("Parameters"));
    if (!json_get(writer, S("Resource"))) return NULL;
    return place ? place : json_get(writer, S("Arguments"));
}

bool map_runs_may_write(Server *s, const MapRunRow *row, Error *err)
{
    Json order;
    Bucket bucket;
    ExecutionRow parent;
    check(json_parse(row->order, &s->turn, &order, err));
    const Json *place = place_of(&order);
    if (!place) return true;
    if (!execution_row_get(s->db, row->execution, &s->turn, &parent)) return true;
    Error why = {0};
    Identity who = task_identity(&parent);
    Str name = json_text(json_get(place, S("Bucket"))),
        prefix = json_text(json_get(place, S("Prefix")));
    Str key = manifest_key(&s->turn, str_absent(prefix) ? S("") : prefix, row->arn);
    if (!authorize_act(s, &s->turn, &who, S("s3:PutObject"),
                       str_printf(&s->turn, "arn:aws:s3:::%.*s/%.*s", STR(name), STR(key)), &why))
        return error_set(err, ERR_S3_ACCESS_DENIED, "%s", why.text);
    if (!bucket_find(s->objects, name, &s->turn, &bucket, err)) return false;
    return str_eq(bucket.account, parent.account) ||
           error_set(err, ERR_ACCESS_DENIED, "Access Denied");
}

static MapRunRow copied(const MapRunRow *row, Arena *a)
{
    MapRunRow copy = *row;
    Str *texts[] = {&copy.arn, &copy.label, &copy.parent_arn, &copy.order};
    for (int i = 0; i < countof(texts); i++) *texts[i] = str_copy(a, *texts[i]);
    copy.error = copy.cause = (Str){0};
    return copy;
}

void map_runs_write(Server *s, MapRunRow *row, const Json *order)
{
    const Json *place = place_of(order);
    for (Writing *w = s->map_runs->writings; w; w = w->next_writing)
        if (w->run == row->n) return;
    Writing *w = calloc(1, sizeof *w);
    check(w);
    *w = (Writing){.job = {.work = work, .done = done, .release = release},
                   .server = s,
                   .run = row->n,
                   .redrives = row->redrives,
                   .form = result_form(order),
                   .next_writing = s->map_runs->writings};
    w->rest = copied(row, &w->a);
    w->bucket = str_copy(&w->a, json_text(json_get(place, S("Bucket"))));
    w->prefix = str_copy(&w->a, json_text(json_get(place, S("Prefix"))));
    s->map_runs->writings = w;
    server_start_job(s, &w->job);
}
