/* logs.c - follows growing files: compresses what is new on a pool thread and puts it into the bucket. */
#include "app/watch/logs.h"

#include "app/access/authorize.h"
#include "store/objects.h"
#include "wire/gzip.h"

typedef struct LogFile {
    char path[512];              /* below the data folder */
    char key[1024 + 1];          /* in the bucket; S3's longest */
    int64_t raw_bytes, gz_bytes; /* of the file, and of its compressed text, that were put */
} LogFile;

typedef struct LogGroup {
    struct LogGroup *next;
    int64_t cluster, key;
    char id[32], bucket[256]; /* bucket "": no log URI */
    LogFile files[LOGS_FILES_MAX];
    int files_n;
    bool busy, ending, failed;
    Millis due, wait; /* wait: after an upload that failed; 0: the last one was good */
    void (*then)(Server *s, int64_t cluster, int64_t arg);
    int64_t arg;
} LogGroup;

struct Logs {
    LogGroup *first;
    Millis looked;
};

/* One upload of a group: copies of what it needs, so that the group is the main thread's alone. */
typedef struct LogPass {
    Job job;
    Server *server; /* the main thread's */
    Folder *data;
    LogGroup *group;
    int files_n;
    bool last;
    struct {
        LogFile file;
        struct Upload *upload;
        bool sealed, put;
        Error error;
    } files[LOGS_FILES_MAX];
} LogPass;

void logs_open(Server *s)
{
    s->clusters->logs = calloc(1, sizeof *s->clusters->logs);
    check(s->clusters->logs);
}

void logs_close(Server *s)
{
    struct Logs *logs = s->clusters ? s->clusters->logs : NULL;
    while (logs && logs->first) {
        LogGroup *g = logs->first;
        logs->first = g->next;
        free(g);
    }
    free(logs);
}

/* ---- groups ---- */

static LogGroup *find(Server *s, int64_t cluster, int64_t key)
{
    for (LogGroup *g = s->clusters->logs->first; g; g = g->next)
        if (g->cluster == cluster && g->key == key) return g;
    return NULL;
}

static void copy(char *to, size_t room, Str from)
{
    check((size_t)from.n < room);
    memcpy(to, from.p, (size_t)from.n);
    to[from.n] = 0;
}

/* s3://bucket/prefix/ -> bucket and key of each file. */
static LogGroup *open_group(Server *s, const ClusterRow *row, int64_t key, const Str *paths, int n)
{
    LogGroup *g = calloc(1, sizeof *g);
    check(g && n <= LOGS_FILES_MAX);
    Str uri = row->spec.log_uri, bucket = {0}, prefix = {0};
    *g = (LogGroup){.next = s->clusters->logs->first,
                    .cluster = row->n,
                    .key = key,
                    .files_n = n,
                    .due = s->now + LOGS_FIRST_MS};
    copy(g->id, sizeof g->id, row->spec.id);
    if (uri.n) {
        prefix = str_slice(uri, 5, uri.n);
        check(str_cut(&prefix, '/', &bucket));
        copy(g->bucket, sizeof g->bucket, bucket);
    }
    const char *slash = prefix.n && !str_ends(prefix, S("/")) ? "/" : "";
    for (int i = 0; i < n; i++) {
        Str path = str_printf(&s->turn, "logs/%.*s/%.*s", STR(row->spec.id), STR(paths[i]));
        Str name = str_printf(&s->turn, "%.*s%s%.*s/%.*s.gz", STR(prefix), slash, STR(row->spec.id),
                              STR(paths[i]));
        copy(g->files[i].path, sizeof g->files[i].path, path);
        copy(g->files[i].key, sizeof g->files[i].key, name);
    }
    return s->clusters->logs->first = g;
}

static void close_group(Server *s, LogGroup *group)
{
    LogGroup **at = &s->clusters->logs->first;
    while (*at != group) at = &(*at)->next;
    *at = group->next;
    free(group);
}

/* ---- on a pool thread ---- */

/* A gzip member of raw[from..to) appended to the compressed file. */
static bool compress_range(Folder *data, Str raw_path, Str gz_path, int64_t from, int64_t to,
                           bool fresh, Error *err)
{
    int raw = -1, gz = -1;
    char chunk[LOGS_CHUNK_BYTES];
    if (!file_open(data, raw_path, FILE_READ, &raw, err)) return false;
    bool good = file_open(data, gz_path, fresh ? FILE_REPLACE : FILE_APPEND, &gz, err);
    Gzip *z = good ? gzip_open() : NULL;
    for (bool over = false; good && !over;) {
        int64_t want = to - from < LOGS_CHUNK_BYTES ? to - from : LOGS_CHUNK_BYTES, got = 0;
        Str piece, out;
        good = want == 0 || file_read(raw, from, chunk, want, &got, err);
        from += got;
        over = from >= to || got == 0;
        piece = (Str){chunk, got};
        while (good && gzip_next(z, &piece, over, &out)) good = file_write(gz, out, err);
    }
    gzip_close(z);
    file_close(raw);
    if (gz >= 0) file_close(gz);
    return good;
}

static bool upload_gz(Folder *data, Str gz_path, LogFile *f, struct Upload *upload, Error *err)
{
    int fd;
    if (!file_open(data, gz_path, FILE_READ, &fd, err)) return false;
    bool good = file_size(fd, &f->gz_bytes, err) &&
                upload_put_file(upload, fd, 0, f->gz_bytes, err) && upload_seal(upload, err);
    file_close(fd);
    return good;
}

/* Nothing new: nothing is put. The last time an empty file is put as well, as EMR does. */
static bool follow(LogPass *pass, int i, Arena *a)
{
    LogFile *f = &pass->files[i].file;
    Error *err = &pass->files[i].error;
    FileInfo info;
    Error absent = {0};
    Str raw = str_from(f->path), gz = str_printf(a, "%s.gz", f->path);
    if (!file_info(pass->data, raw, &info, &absent)) return true;
    bool fresh = f->gz_bytes == 0, grown = info.size > f->raw_bytes;
    if (!grown && !(pass->last && fresh)) return true;
    if (!compress_range(pass->data, raw, gz, f->raw_bytes, info.size, fresh, err)) return false;
    f->raw_bytes = info.size;
    pass->files[i].sealed = upload_gz(pass->data, gz, f, pass->files[i].upload, err);
    return pass->files[i].sealed;
}

static void work(Job *job)
{
    LogPass *pass = (LogPass *)job;
    Arena a = {0};
    for (int i = 0; i < pass->files_n; i++)
        if (!follow(pass, i, &a)) break;
    arena_free(&a);
}

/* ---- the end of a pass, as an event ---- */

static void say_once(Server *s, LogGroup *g, const Error *err)
{
    Arena *a = &s->turn;
    JsonObject detail = {.a = a};
    JsonArray list = {.a = a}, data = {.a = a};
    if (!g->failed)
        log_error(s, "logs-not-uploaded", "cluster=%s bucket=%s error=\"%s\"", g->id, g->bucket,
                  err->text);
    g->failed = true;
    ClusterRow row;
    if (!cluster_row_get(s->db, g->cluster, a, &row) || !str_absent(row.error)) return;
    json_put_text(&detail, S("ErrorCode"), S("LOG_UPLOAD_FAILURE"));
    json_put(&detail, S("ErrorData"), json_array(&data));
    json_put_text(&detail, S("ErrorMessage"),
                  str_printf(a, "The logs could not be written to %.*s: %s", STR(row.spec.log_uri),
                             err->text));
    json_add(&list, json_object(&detail));
    Json all = json_array(&list);
    cluster_row_set_error(s->db, g->cluster, json_to_str(a, &all));
}

/* "Configure cluster logging" in the Management Guide: under the role of the instance profile. */
static bool may_write(Server *s, const LogGroup *g, Str key, Error *err)
{
    ClusterRow row;
    Arena *a = &s->turn;
    if (!s->config.enforce_auth || !cluster_row_get(s->db, g->cluster, a, &row)) return true;
    Identity who = clusters_identity(s, &row, a);
    return authorize_act(s, a, &who, S("s3:PutObject"),
                         str_printf(a, "arn:aws:s3:::%s/%.*s", g->bucket, STR(key)), err);
}

static void put_file(Server *s, LogPass *pass, int i)
{
    Object object;
    Error err = {0};
    const ObjectNew what = {0};
    const LogFile *f = &pass->files[i].file;
    pass->files[i].put = false; /* should the event be undone and come again */
    Str bucket = str_from(pass->group->bucket), key = str_from(f->key);
    if (pass->files[i].error.code) {
        say_once(s, pass->group, &pass->files[i].error);
    } else if (pass->files[i].sealed) {
        ObjectBody body;
        if (may_write(s, pass->group, key, &err) &&
            upload_body(pass->files[i].upload, &s->turn, &body, &err) &&
            object_put(s->objects, bucket, key, &body, &what, s->now, &s->turn, &object, &err))
            pass->files[i].put = true;
        else
            say_once(s, pass->group, &err);
    }
}

static void done(Server *s, Job *job)
{
    LogPass *pass = (LogPass *)job;
    LogGroup *g = pass->group;
    for (int i = 0; i < pass->files_n; i++) put_file(s, pass, i);
    if (pass->last && g->then) g->then(s, g->cluster, g->arg);
}

/* ---- tidying up ---- */

typedef struct LogRemoval {
    Job job;
    Folder *data;
    int n;
    char paths[LOGS_FILES_MAX][512];
} LogRemoval;

static void remove_work(Job *job)
{
    LogRemoval *r = (LogRemoval *)job;
    Arena a = {0};
    Error err = {0};
    for (int i = 0; i < r->n; i++)
        if (!file_remove(r->data, str_printf(&a, "%s.gz", r->paths[i]), &err))
            break; /* the sweeper takes all of logs/<cluster> */
    arena_free(&a);
}

static void remove_done(Server *s, Job *job)
{
    (void)s;
    (void)job;
}

static void remove_release(Job *job)
{
    free(job);
}

/* The compressed text; the log itself stays for `mayfly logs` until the sweeper takes it. */
static void remove_compressed(Server *s, const LogGroup *g)
{
    LogRemoval *r = calloc(1, sizeof *r);
    check(r);
    r->job = (Job){.work = remove_work, .done = remove_done, .release = remove_release};
    r->data = s->data;
    for (int i = 0; i < g->files_n; i++)
        if (g->files[i].gz_bytes > 0)
            copy(r->paths[r->n++], sizeof r->paths[0], str_from(g->files[i].path));
    server_start_job(s, &r->job);
}

/* ---- passes ---- */

static void start(Server *s, LogGroup *g);

/* What keeps an upload from being put (no bucket, mostly) seldom goes away soon. */
static void back_off(LogGroup *g, Millis now, bool failed)
{
    g->wait = !failed ? 0 : g->wait ? 2 * g->wait : LOGS_RETRY_MS;
    if (g->wait > LOGS_RETRY_MAX_MS) g->wait = LOGS_RETRY_MAX_MS;
    if (g->due < now + g->wait) g->due = now + g->wait;
}

/* A file that could not be put is compressed anew the next time. */
static void release(Job *job)
{
    LogPass *pass = (LogPass *)job;
    LogGroup *g = pass->group;
    bool any_failed = false;
    for (int i = 0; i < pass->files_n; i++) {
        bool failed = pass->files[i].error.code || (pass->files[i].sealed && !pass->files[i].put);
        if (pass->files[i].put) g->files[i] = pass->files[i].file;
        if (failed) g->files[i].raw_bytes = g->files[i].gz_bytes = 0;
        any_failed |= failed;
        upload_close(pass->files[i].upload, pass->files[i].put);
    }
    back_off(g, pass->server->now, any_failed);
    g->busy = false;
    if (pass->last) {
        if (g->bucket[0]) remove_compressed(pass->server, g);
        close_group(pass->server, g);
    } else if (g->ending) {
        start(pass->server, g);
    }
    free(pass);
}

/* The more there is to copy, the rarer it is copied. */
static Millis next_due(const Server *s, const LogGroup *g)
{
    int64_t bytes = 0;
    for (int i = 0; i < g->files_n; i++) bytes += g->files[i].gz_bytes;
    return s->now + LOGS_EVERY_MS + bytes / 1024;
}

static void start(Server *s, LogGroup *g)
{
    LogPass *pass = calloc(1, sizeof *pass);
    check(pass);
    *pass = (LogPass){.job = {.work = work, .done = done, .release = release},
                      .server = s,
                      .data = s->data,
                      .group = g,
                      .last = g->ending,
                      .files_n = g->bucket[0] ? g->files_n : 0};
    for (int i = 0; i < pass->files_n; i++) {
        pass->files[i].file = g->files[i];
        pass->files[i].upload = upload_open(s->objects, NULL);
    }
    g->busy = true;
    g->due = next_due(s, g);
    server_start_job(s, &pass->job);
}

void logs_begin(Server *s, const ClusterRow *row, int64_t key, const Str *paths, int n)
{
    if (row->spec.log_uri.n && !find(s, row->n, key)) open_group(s, row, key, paths, n);
}

void logs_end(Server *s, const ClusterRow *row, int64_t key, const Str *paths, int n,
              void (*then)(Server *s, int64_t cluster, int64_t arg), int64_t arg)
{
    LogGroup *g = find(s, row->n, key);
    if (!g) g = open_group(s, row, key, paths, n);
    g->ending = true;
    g->then = then;
    g->arg = arg;
    if (!g->busy) start(s, g);
}

void logs_housekeeping(Server *s)
{
    struct Logs *logs = s->clusters->logs;
    if (s->now < logs->looked + LOGS_FIRST_MS) return;
    logs->looked = s->now;
    for (LogGroup *g = logs->first; g; g = g->next)
        if (!g->busy && !g->ending && s->now >= g->due) start(s, g);
}
