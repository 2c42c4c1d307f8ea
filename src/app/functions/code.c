/* code.c - code of functions: zips kept durably under their digest, unpacked on a pool thread. */
#include "app/functions/inner.h"

#include "wire/digest.h"
#include "wire/zip.h"

static const ZipLimits limits = {FUNCTIONS_CODE_MEMBERS_MAX, FUNCTIONS_CODE_BYTES_MAX};

Str functions_code_path(Arena *a, Str hex)
{
    return str_printf(a, "lambda/zip/%.*s", STR(hex));
}

/* ---- keeping ---- */

/* What the digest names is there, or is written now. */
static bool keep(Folder *data, Str path, Str zip, Error *err)
{
    FileInfo info;
    Error absent = {0};
    if (file_info(data, path, &info, &absent) && info.size == zip.n) return true;
    return folder_make(data, S("lambda/zip"), err) && folder_sync(data, S("lambda"), err) &&
           folder_sync(data, S(""), err) && file_replace_durably(data, path, zip, err);
}

bool functions_code_put(Folder *data, Str zip, Arena *a, FunctionCode *out, Error *err)
{
    Zip members;
    Error why = {0};
    if (!zip_open(zip, &limits, a, &members, &why)) {
        bool size = str_starts(error_text(&why), S("Unzipped size"));
        return error_set(err, ERR_LAMBDA_PARAMETER, "%s%s",
                         size ? ""
                              : "Could not unzip uploaded file. Please check your file, then try "
                                "to upload again. ",
                         why.text);
    }
    DigestValue digest = digest_of(DIGEST_SHA256, zip);
    *out = (FunctionCode){digest_hex(a, &digest), zip.n, members.unpacked_bytes};
    return keep(data, functions_code_path(a, out->zip), zip, err);
}

static void drop(Server *s, void *arg)
{
    const Str *hex = arg;
    Error err = {0};
    if (function_zip_used(s->db, *hex)) return;
    if (!file_remove(s->data, functions_code_path(&s->turn, *hex), &err))
        log_error(s, "code-left", "zip=%.*s error=\"%s\"", STR(*hex), err.text);
}

void functions_code_drop(Server *s, Str hex)
{
    Str *copy = new (&s->turn, Str);
    *copy = str_copy(&s->turn, hex);
    after_commit(s, drop, copy);
}

/* ---- unpacking ---- */

typedef struct Unpack {
    Job job;
    Arena a;
    Folder *data;
    int64_t instance;
    Str zip, folder;
    StrVec layers; /* zips */
    Str opt;       /* their folder; absent: none */
    Error error;
} Unpack;

static bool put_piece(void *to, Str piece, Error *err)
{
    return file_write(*(const int *)to, piece, err);
}

static bool unpack_file(Unpack *u, const Zip *zip, const ZipMember *m, Str path, Error *err)
{
    int fd;
    int64_t slash = str_rfind_char(path, '/');
    if (!folder_make(u->data, str_slice(path, 0, slash), err) ||
        !file_open(u->data, path, FILE_REPLACE, &fd, err))
        return false;
    bool good = zip_unpack(zip, m, put_piece, &fd, err);
    file_close(fd);
    return good && (!m->executable || file_make_executable(u->data, path, err));
}

static bool unpack_all(Unpack *u, Str name, Str folder, Error *err)
{
    Str bytes;
    Zip zip;
    if (!file_slurp(u->data, functions_code_path(&u->a, name), FUNCTIONS_CODE_BYTES_MAX, &u->a,
                    &bytes, err) ||
        !zip_open(bytes, &limits, &u->a, &zip, err) || !folder_make(u->data, folder, err))
        return false;
    for (int64_t i = 0; i < zip.n; i++) {
        const ZipMember *m = &zip.members[i];
        Str path = str_printf(&u->a, "%.*s/%.*s", STR(folder), STR(m->name));
        bool good =
            m->folder ? folder_make(u->data, path, err) : unpack_file(u, &zip, m, path, err);
        if (!good) return false;
    }
    return true;
}

/* Beside its place first: a folder of this name is whole. Two instances may do this at once. */
static void unpack_to(Unpack *u, const Str *zips, int64_t n, Str folder)
{
    FileInfo info;
    Error ignored = {0};
    bool good = true;
    Str beside = str_printf(&u->a, "%.*s.%" PRId64, STR(folder), u->instance);
    if (file_info(u->data, folder, &info, &ignored)) return;
    for (int64_t i = 0; i < n && good; i++) good = unpack_all(u, zips[i], beside, &u->error);
    if (good && !file_rename(u->data, beside, folder, &u->error))
        if (file_info(u->data, folder, &info, &ignored)) u->error = (Error){0};
    if (!folder_remove_tree(u->data, beside, &ignored)) check(ignored.code);
}

/* Of two layers with the same file that of the later one is seen. */
static void unpack_work(Job *job)
{
    Unpack *u = (Unpack *)job;
    unpack_to(u, &u->zip, 1, u->folder);
    if (u->layers.n && !u->error.code) unpack_to(u, u->layers.p, u->layers.n, u->opt);
}

static void unpack_done(Server *s, Job *job)
{
    Unpack *u = (Unpack *)job;
    Instance *in = s->functions->instances;
    while (in && in->id != u->instance) in = in->others;
    if (!in || in->life != INSTANCE_NEW) return;
    in->life = INSTANCE_READY;
    if (!u->error.code) return;
    log_error(s, "code-not-unpacked", "function=%.*s error=\"%s\"", STR(in->plan.name),
              u->error.text);
    in->plan.missing =
        str_copy(&in->a, str_printf(&s->turn, "the code could not be unpacked: %s", u->error.text));
}

static void unpack_release(Job *job)
{
    Arena a = ((Unpack *)job)->a;
    arena_free(&a);
}

void instance_unpack(Server *s, Instance *in)
{
    Arena a = {0};
    Unpack *u = new (&a, Unpack);
    *u = (Unpack){.job = {.work = unpack_work, .done = unpack_done, .release = unpack_release},
                  .data = s->data,
                  .instance = in->id};
    u->a = a;
    u->zip = str_copy(&u->a, in->plan.zip);
    u->folder = str_printf(&u->a, "lambda/code/%.*s", STR(u->zip));
    for (int64_t i = 0; i < in->plan.layers.n; i++)
        *vec_push(&u->a, &u->layers) = str_copy(&u->a, in->plan.layers.p[i]);
    if (in->plan.opt.n) u->opt = str_copy(&u->a, in->plan.opt);
    server_start_job(s, &u->job);
}
