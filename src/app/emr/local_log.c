/* local_log.c - logs of the processes of clusters: where they lie, what is added to them, when they are uploaded. */
#include "app/emr/local.h"
#include "app/watch/logs.h"

bool local_log_append(Folder *data, Arena *a, Str folder, const char *name, Str text)
{
    int fd;
    Error err = {0};
    if (!text.n ||
        !file_open(data, str_printf(a, "%.*s/%s", STR(folder), name), FILE_APPEND, &fd, &err))
        return false;
    bool good = file_write(fd, text, &err);
    file_close(fd);
    return good;
}

int local_log_paths(Arena *a, const ClusterRow *row, const LocalPlan *p, Str *out)
{
    static const char *const names[] = {"controller", "stdout", "stderr", "syslog"};
    int64_t base = S("logs/").n + row->spec.id.n + 1;
    int n = 0;
    for (int i = 0; i < countof(names); i++)
        out[n++] = str_printf(a, "%.*s/%s", STR(str_slice(p->log, base, p->log.n)), names[i]);
    if (str_eq(p->log, p->out)) return n;
    out[n++] = str_printf(a, "%.*s/stdout", STR(str_slice(p->out, base, p->out.n)));
    out[n++] = str_printf(a, "%.*s/stderr", STR(str_slice(p->out, base, p->out.n)));
    return n;
}

static int64_t log_key(ClusterToken token)
{
    return token.kind == CLUSTER_COMMAND_START_STEP ? token.number : -token.number;
}

void local_log_follow(Server *s, const ClusterRow *row, ClusterToken token, const LocalPlan *p)
{
    Str paths[LOGS_FILES_MAX];
    int n = local_log_paths(&s->turn, row, p, paths);
    logs_begin(s, row, log_key(token), paths, n);
}

void local_log_end(Server *s, int64_t cluster, ClusterToken token, const LocalPlan *p)
{
    ClusterRow row;
    Str paths[LOGS_FILES_MAX];
    if (!clusters_row(s, cluster, &row)) return;
    int n = local_log_paths(&s->turn, &row, p, paths);
    logs_end(s, &row, log_key(token), paths, n, NULL, 0);
}
