/* functions.c - opening and closing what runs functions, and clearing away what an earlier life of the server left. */
#include "app/functions/functions.h"

#include "app/functions/inner.h"

/* ---- clearing away: instances of a server that was killed are ended by their keepers; what is
 * left of them, and code that was unpacked, goes on a pool thread ---- */

typedef struct Clearing {
    Job job;
    Arena a;
    Folder *data;
    Str code;
    StrVec runs;
    int64_t left;
} Clearing;

static void clear_work(Job *job)
{
    Clearing *c = (Clearing *)job;
    Error err = {0};
    for (int64_t i = 0; i < c->runs.n; i++)
        c->left +=
            !child_end(c->data, c->runs.p[i]) || !folder_remove_tree(c->data, c->runs.p[i], &err);
    if (c->code.n) c->left += !folder_remove_tree(c->data, c->code, &err);
}

static void clear_done(Server *s, Job *job)
{
    const Clearing *c = (const Clearing *)job;
    if (c->left) log_error(s, "functions-left", "folders=%" PRId64, c->left);
}

static void clear_release(Job *job)
{
    Arena a = ((Clearing *)job)->a;
    arena_free(&a);
}

/* Code that a power cut may have left half written gets another name before the first instance. */
static void clear(Server *s)
{
    Arena a = {0};
    Error ignored = {0};
    Clearing *c = new (&a, Clearing);
    StrVec names = {0};
    *c = (Clearing){.job = {.work = clear_work, .done = clear_done, .release = clear_release},
                    .data = s->data};
    c->a = a;
    if (folder_list(s->data, S("lambda/run"), &s->turn, &names, &ignored))
        for (int64_t i = 0; i < names.n; i++)
            *vec_push(&c->a, &c->runs) = str_printf(&c->a, "lambda/run/%.*s", STR(names.p[i]));
    Str code = str_printf(&c->a, "lambda/code-%" PRIx64, s->functions->life);
    if (file_rename(s->data, S("lambda/code"), code, &ignored)) c->code = code;
    if (c->code.n || c->runs.n)
        server_start_job(s, &c->job);
    else
        clear_release(&c->job);
}

/* A zip is there before the row that names it: a crash in between leaves it. Now, before a client
 * can bring the same again. */
static void remove_unused_code(Server *s)
{
    StrVec names = {0};
    Error err = {0};
    if (!folder_list(s->data, S("lambda/zip"), &s->turn, &names, &err)) return;
    for (int64_t i = 0; i < names.n; i++)
        if (!function_zip_used(s->db, names.p[i]) &&
            !file_remove(s->data, functions_code_path(&s->turn, names.p[i]), &err))
            log_error(s, "code-left", "zip=%.*s error=\"%s\"", STR(names.p[i]), err.text);
}

static bool has_folder(Server *s)
{
    FileInfo info;
    Error absent = {0};
    return file_info(s->data, S("lambda"), &info, &absent);
}

bool functions_open(Server *s, Error *err)
{
    (void)err;
    struct Functions *all = calloc(1, sizeof *all);
    check(all);
    all->last = &all->first;
    all->log.due = INT64_MAX;
    all->life = s->now;
    s->functions = all;
    if (!has_folder(s)) return true;
    remove_unused_code(s);
    clear(s);
    return true;
}

/* The loop is closed already, and with it the doors. The processes end when this one has: their
 * keepers have no patience. */
void functions_close(Server *s)
{
    struct Functions *all = s->functions;
    if (!all) return;
    for (Instance *in = all->instances, *next; in; in = next) {
        next = in->others;
        arena_free(&in->a);
        free(in);
    }
    for (Invocation *i = all->first, *next; i; i = next) {
        next = i->next;
        arena_free(&i->a);
        free(i);
    }
    arena_free(&all->a);
    arena_free(&all->log.a);
    free(all);
    s->functions = NULL;
}
