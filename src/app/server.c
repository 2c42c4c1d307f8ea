/* server.c - opening and closing a server, fresh ids, and its log. */
#include "app/server.h"

#include "app/admin.h"
#include "app/dispatch.h"
#include "app/emr/clusters.h"
#include "app/events/api_destinations.h"
#include "app/events/connections.h"
#include "app/events/deliveries.h"
#include "app/events/event_bus.h"
#include "app/front.h"
#include "app/functions/functions.h"
#include "app/functions/sources.h"
#include "app/map_runs/map_runs.h"
#include "app/messages/queues.h"
#include "app/messages/topics.h"
#include "app/objects/settle.h"
#include "app/stacks/answer.h"
#include "app/stacks/stacks.h"
#include "app/states/activities.h"
#include "app/states/executions.h"
#include "app/turn.h"
#include "app/vault/signing.h"
#include "app/vault/vault.h"
#include "app/watch/meter.h"
#include "app/watch/trail.h"
#include "app/zones.h"
#include "base/encode.h"
#include "base/time.h"
#include "store/objects.h"

/* ---- ids ---- */

Str server_new_id(Server *s, Arena *a, Str prefix, int n)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    unsigned char random[64];
    check(n > 0 && n <= countof(random));
    loop_random(s->loop, random, n);
    char *p = new_array(a, char, prefix.n + n + 1);
    memcpy(p, prefix.p, (size_t)prefix.n);
    for (int i = 0; i < n; i++) p[prefix.n + i] = letters[random[i] % 36];
    return (Str){p, prefix.n + n};
}

/* RFC 9562 version 4. */
Str server_new_uuid(Server *s, Arena *a)
{
    unsigned char b[16];
    loop_random(s->loop, b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    Str hex = hex_encode(a, b, sizeof b);
    char *text = new_array(a, char, 37);
    int at = 0;
    for (int i = 0; i < 32; i++) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text[at++] = '-';
        text[at++] = hex.p[i];
    }
    return (Str){text, at};
}

/* ---- log ---- */

static void printf_like(4, 0)
    log_line(const Server *s, const char *level, const char *event, const char *fmt, va_list ap)
{
    Arena a = {0};
    Str line = str_one_line(&a, str_vprintf(&a, fmt, ap));
    fprintf(stderr, "%.*s %s %s %.*s\n", STR(time_iso8601(&a, s->now)), level, event, STR(line));
    arena_free(&a);
}

void log_info(const Server *s, const char *event, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!s->config.quiet) log_line(s, "info", event, fmt, ap);
    va_end(ap);
}

typedef struct LogLine {
    const char *event;
    Str text;
} LogLine;

static void say(Server *s, void *arg)
{
    const LogLine *line = arg;
    log_info(s, line->event, "%.*s", STR(line->text));
}

void log_recorded(Server *s, const char *event, const char *fmt, ...)
{
    va_list ap;
    if (s->config.quiet) return;
    LogLine *line = new (&s->turn, LogLine);
    va_start(ap, fmt);
    *line = (LogLine){event, str_vprintf(&s->turn, fmt, ap)};
    va_end(ap);
    after_commit(s, say, line);
}

void log_error(const Server *s, const char *event, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!s->config.quiet) log_line(s, "error", event, fmt, ap);
    va_end(ap);
}

_Noreturn void server_die(const Server *s, const char *during, const Error *err)
{
    log_error(s, "server-dies",
              "during=%s error=\"%s\" next=\"restart: state is as of the last commit\"", during,
              err->text);
    _Exit(70);
}

/* ---- opening ---- */

/* SQLite would let everybody on this machine read what it makes, and it holds keys. What came here
 * by other ways (a copy, a backup) may be open to all. */
static bool make_private(Server *s, Error *err)
{
    int fd;
    if (s->config.db_vfs) return true;
    if (!file_open(s->data, S("state.db"), FILE_APPEND, &fd, err)) return false;
    file_close(fd);
    return file_make_private(s->data, S("state.db"), err) &&
           file_make_private(s->data, S("state.db-wal"), err) &&
           file_make_private(s->data, S("admin-token"), err);
}

static bool open_data(Server *s, Error *err)
{
    return folder_open(s->config.data_path, true, &s->data, err) && folder_lock(s->data, err) &&
           make_private(s, err) &&
           db_open(&s->db, str_printf(&s->turn, "%.*s/state.db", STR(folder_path(s->data))).p,
                   s->config.db_vfs, err);
}

/* What an earlier run left is taken up in one event, before the first client is heard. It must be
 * durable: numbers are reserved in it that this life of the process hands out. */
static bool recover(Server *s, Error *err)
{
    Error lost = {0};
    event_begin(s);
    bool good = settle_recover(s, err) && clusters_recover(s, err) && functions_recover(s, err);
    connections_recover(s);
    stacks_recover(s);
    topics_recover(s);
    sources_recover(s);
    deliveries_recover(s);
    executions_recover(s);
    event_bus_recover(s);
    executions_retention_start(s);
    if (good) map_runs_recover(s);
    if (!event_end(s, good, &lost)) {
        if (good) *err = lost;
        return false;
    }
    return turn_finish(s) || error_set(err, ERR_DISK_FULL, "cannot start: there is no room in %.*s",
                                       STR(folder_path(s->data)));
}

static bool open_rooms(Server *s, Error *err)
{
    return open_data(s, err) && objects_open(s->db, s->data, &s->objects, err) &&
           clusters_open(s, err) && executions_open(s, err) && activities_open(s, err) &&
           queues_open(s, err) && stack_answers_open(s, err) && map_runs_open(s, err) &&
           functions_open(s, err) && admin_open(s, err) && vault_open(s, err) &&
           front_open(s, err) && recover(s, err);
}

bool server_open(Server *s, const ServerConfig *config, const struct CallTable *const *calls,
                 Error *err)
{
    *s = (Server){.config = *config, .dispatch = dispatch_open(calls)};
    s->actions_tail = &s->actions;
    if (loop_open(&s->loop, err)) {
        s->now = loop_now(s->loop);
        trail_open(s);
        meter_open(s);
        if (open_rooms(s, err)) return true;
    }
    server_close(s);
    return false;
}

void server_close(Server *s)
{
    front_close(s);
    trail_close(s);
    meter_close(s);
    if (s->loop) loop_close(s->loop);
    stack_answers_close(s);
    queues_close(s);
    activities_close(s);
    map_runs_close(s);
    functions_close(s);
    executions_close(s);
    connections_close(s);
    event_bus_close(s);
    api_destinations_close(s);
    zones_close(s);
    clusters_close(s);
    settle_close(s);
    signing_close(s);
    vault_close(s);
    objects_close(s->objects);
    db_close(s->db);
    if (s->data) folder_close(s->data);
    turn_close(s);
    dispatch_close(s->dispatch);
    arena_free(&s->turn);
}
