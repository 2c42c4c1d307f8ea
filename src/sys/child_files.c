/* child_files.c - spec.json, owner, started and exit.json: written whole or not at all. */
#include "sys/child_files.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/json.h"
#include "sys/path.h"

enum { CHILD_FILE_BYTES_MAX = 16 * 1024 * 1024 };

static Str name_in(Arena *a, Str dir, const char *name)
{
    return str_printf(a, "%.*s%s%s", STR(dir), dir.n ? "/" : "", name);
}

/* At once, but not durably: after a power cut nothing of these is needed. */
static bool write_whole(Folder *f, Str path, Str bytes, Arena *a, Error *err)
{
    int fd;
    Str fresh = str_printf(a, "%.*s.%d", STR(path), (int)getpid());
    if (!file_open(f, fresh, FILE_REPLACE, &fd, err)) return false;
    bool good = file_write(fd, bytes, err);
    file_close(fd);
    return good && file_rename(f, fresh, path, err);
}

static bool check_text(Str s, Error *err)
{
    if (utf8_valid(s) && str_find_char(s, 0) < 0) return true;
    return error_set(err, ERR_VALIDATION,
                     "cannot start a program: an argument or variable is not UTF-8 text: \"%.*s\"",
                     STR(s));
}

static bool list(Arena *a, const Str *p, int64_t n, Json *out, Error *err)
{
    JsonArray array = {.a = a};
    for (int64_t i = 0; i < n; i++) {
        if (!check_text(p[i], err)) return false;
        json_add(&array, json_string(p[i]));
    }
    *out = json_array(&array);
    return true;
}

static bool put_paths(JsonObject *o, const ChildSpec *spec, Error *err)
{
    const struct {
        const char *name;
        Str path;
    } paths[] = {{"cwd", spec->cwd},
                 {"stdout", spec->stdout_path},
                 {"stderr", spec->stderr_path},
                 {"hidden", spec->hidden},
                 {"opt", spec->opt}};
    for (int i = 0; i < countof(paths); i++) {
        if (!check_text(paths[i].path, err)) return false;
        json_put(o, str_from(paths[i].name), json_string(paths[i].path));
    }
    return true;
}

static bool spec_to_json(const ChildSpec *spec, const ProcessId *owner, Arena *a, Str *out,
                         Error *err)
{
    JsonObject o = {.a = a};
    Json argv, env, kept;
    if (!list(a, spec->argv, spec->argv_n, &argv, err) ||
        !list(a, spec->env, spec->env_n, &env, err) ||
        !list(a, spec->kept, spec->kept_n, &kept, err))
        return false;
    json_put(&o, S("argv"), argv);
    json_put(&o, S("env"), env);
    json_put(&o, S("kept"), kept);
    if (!put_paths(&o, spec, err)) return false;
    json_put(&o, S("memory_bytes_max"), json_int(a, spec->memory_bytes_max));
    json_put(&o, S("duration_ms_max"), json_int(a, spec->duration_ms_max));
    json_put(&o, S("orphan_grace_ms"), json_int(a, spec->orphan_grace_ms));
    json_put(&o, S("owner"), process_to_json(a, owner, 0));
    Json v = json_object(&o);
    *out = json_to_str(a, &v);
    return true;
}

/* Two servers may ask for the same child: the keeper of the one reads what the other replaces. */
bool child_write_spec(const ChildSpec *spec, const ProcessId *owner, Error *err)
{
    Arena a = {0};
    Str json;
    bool good = spec_to_json(spec, owner, &a, &json, err) &&
                write_whole(spec->folder, name_in(&a, spec->dir, "spec.json"), json, &a, err);
    arena_free(&a);
    return good;
}

static bool read_json(Folder *f, Str dir, const char *name, Arena *a, Json *out, Error *err)
{
    Str text;
    return file_slurp(f, name_in(a, dir, name), CHILD_FILE_BYTES_MAX, a, &text, err) &&
           json_parse(text, a, out, err);
}

static const Str *texts(Arena *a, const Json *array, int64_t *n)
{
    *n = json_count(array);
    Str *p = new_array(a, Str, *n + 1);
    for (int64_t i = 0; i < *n; i++) p[i] = json_text(json_at(array, i));
    return p;
}

bool child_read_spec(Folder *f, Str dir, Arena *a, ChildSpec *out, ProcessId *owner, Error *err)
{
    Json v;
    Millis ignored;
    if (!read_json(f, dir, "spec.json", a, &v, err)) return false;
    *out = (ChildSpec){.folder = f,
                       .dir = dir,
                       .cwd = json_text(json_get(&v, S("cwd"))),
                       .stdout_path = json_text(json_get(&v, S("stdout"))),
                       .stderr_path = json_text(json_get(&v, S("stderr"))),
                       .hidden = json_text(json_get(&v, S("hidden"))),
                       .opt = json_text(json_get(&v, S("opt"))),
                       .memory_bytes_max = json_int_or(json_get(&v, S("memory_bytes_max")), 0),
                       .duration_ms_max = json_int_or(json_get(&v, S("duration_ms_max")), 0),
                       .orphan_grace_ms = json_int_or(json_get(&v, S("orphan_grace_ms")), 0)};
    out->argv = texts(a, json_get(&v, S("argv")), &out->argv_n);
    out->env = texts(a, json_get(&v, S("env")), &out->env_n);
    out->kept = texts(a, json_get(&v, S("kept")), &out->kept_n);
    if (out->argv_n > 0 && process_from_json(json_get(&v, S("owner")), owner, &ignored))
        return true;
    return error_set(err, ERR_VALIDATION, "spec.json names no program or no owner");
}

static bool read_process(Folder *f, Str dir, const char *name, ProcessId *out, Millis *at)
{
    Arena a = {0};
    Error ignored;
    Json v;
    bool good = read_json(f, dir, name, &a, &v, &ignored) && process_from_json(&v, out, at);
    arena_free(&a);
    return good;
}

bool child_write_owner(Folder *f, Str dir, const ProcessId *owner, Error *err)
{
    Arena a = {0};
    Json v = process_to_json(&a, owner, 0);
    bool good = write_whole(f, name_in(&a, dir, "owner"), json_to_str(&a, &v), &a, err);
    arena_free(&a);
    return good;
}

bool child_read_owner(Folder *f, Str dir, ProcessId *out)
{
    Millis ignored;
    return read_process(f, dir, "owner", out, &ignored);
}

bool child_read_started(Folder *f, Str dir, ProcessId *keeper, Millis *at)
{
    return read_process(f, dir, "started", keeper, at);
}

static bool link_started(Folder *f, const char *fresh, Error *err)
{
    if (linkat(f->fd, fresh, f->fd, "started", 0))
        return file_error(err, errno, "create", S("started"));
    return folder_sync(f, S(""), err);
}

/* A link appears with all its content, or fails when the name is taken: what O_EXCL and a write
 * cannot promise together. */
bool child_claim_start(Folder *f, const ProcessId *keeper, Millis now, Error *err)
{
    Arena a = {0};
    int fd;
    Json v = process_to_json(&a, keeper, now);
    Str fresh = str_printf(&a, "started.%d", (int)getpid());
    bool good = file_open(f, fresh, FILE_REPLACE, &fd, err);
    if (good) {
        good = file_write(fd, json_to_str(&a, &v), err) && file_sync(fd, err);
        file_close(fd);
        good = good && link_started(f, fresh.p, err);
        unlinkat(f->fd, fresh.p, 0);
    }
    arena_free(&a);
    return good;
}

bool child_write_exit(Folder *f, Str dir, const ChildExit *exit, Error *err)
{
    Arena a = {0};
    JsonObject o = {.a = &a};
    json_put(&o, S("code"), json_int(&a, exit->code));
    json_put(&o, S("signal"), json_int(&a, exit->signal));
    json_put(&o, S("cause"), json_int(&a, exit->cause));
    json_put(&o, S("started_at"), json_int(&a, exit->started_at));
    json_put(&o, S("ended_at"), json_int(&a, exit->ended_at));
    json_put(&o, S("cpu_ms"), json_int(&a, exit->cpu_ms));
    json_put(&o, S("memory_max_bytes"), json_int(&a, exit->memory_max_bytes));
    Json v = json_object(&o);
    bool good = file_replace_durably(f, name_in(&a, dir, "exit.json"), json_to_str(&a, &v), err);
    arena_free(&a);
    return good;
}

bool child_read_exit(Folder *f, Str dir, ChildExit *out)
{
    Arena a = {0};
    Error ignored;
    Json v;
    bool good = read_json(f, dir, "exit.json", &a, &v, &ignored);
    if (good)
        *out =
            (ChildExit){.code = (int)json_int_or(json_get(&v, S("code")), 0),
                        .signal = (int)json_int_or(json_get(&v, S("signal")), 0),
                        .cause = (ChildCause)json_int_or(json_get(&v, S("cause")), CHILD_BY_ITSELF),
                        .started_at = json_int_or(json_get(&v, S("started_at")), 0),
                        .ended_at = json_int_or(json_get(&v, S("ended_at")), 0),
                        .cpu_ms = json_int_or(json_get(&v, S("cpu_ms")), 0),
                        .memory_max_bytes = json_int_or(json_get(&v, S("memory_max_bytes")), 0)};
    arena_free(&a);
    return good;
}

Str child_mark(Arena *a, Str absolute_dir)
{
    return str_printf(a, "MAYFLY_CHILD=%.*s", STR(absolute_dir));
}
