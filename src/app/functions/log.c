/* log.c - what instances write, as log events: START, lines, END, REPORT; and the tail an invocation asks for. */
#include "app/functions/inner.h"

#include "app/access/authorize.h"
#include "app/watch/cloudwatch_logs.h"

/* ---- events that are not written yet: CloudWatch hears of them a moment later, many at once ----
 */

static Str keep(struct Functions *all, Str text)
{
    return str_copy(&all->log.a, text);
}

static void add(Server *s, const Instance *in, Str message)
{
    struct Functions *all = s->functions;
    if (all->log.n >= FUNCTIONS_LOG_PENDING_MAX) {
        all->log.dropped++;
        return;
    }
    if (!all->log.n) all->log.due = s->now + FUNCTIONS_LOG_FLUSH_MS;
    *vec_push(&all->log.a, &all->log) = (LogEvent){.account = keep(all, in->plan.account),
                                                   .region = keep(all, in->plan.region),
                                                   .group = keep(all, in->plan.group),
                                                   .stream = keep(all, in->stream),
                                                   .role = keep(all, in->plan.role),
                                                   .function = keep(all, in->plan.name),
                                                   .message = keep(all, message),
                                                   .at = s->now};
}

/* Under the function's role: one that may not write has no logs, and nobody says so, as in AWS. */
static bool may_log(Server *s, const LogEvent *e)
{
    Error err = {0};
    Arena *a = &s->turn;
    Identity who = {.account = e->account,
                    .region = e->region,
                    .verified = true,
                    .role = e->role,
                    .session = e->function,
                    .service = S("lambda.amazonaws.com")};
    Str on = str_printf(a, "arn:aws:logs:%.*s:%.*s:log-group:%.*s:log-stream:%.*s", STR(e->region),
                        STR(e->account), STR(e->group), STR(e->stream));
    return authorize_act(s, a, &who, S("logs:PutLogEvents"), on, &err);
}

static void write_events(Server *s)
{
    struct Functions *all = s->functions;
    for (int64_t i = 0; i < all->log.n;) {
        const LogEvent *e = &all->log.p[i];
        bool may = may_log(s, e);
        LogWriter w = {0};
        if (may) w = log_writer(s, e->account, e->region, e->group, e->stream);
        for (; i < all->log.n && str_eq(all->log.p[i].stream, e->stream); i++)
            if (may) log_writer_add(&w, all->log.p[i].at, all->log.p[i].message);
    }
}

/* Those that have come since go to the front; what was kept of the others goes when none is left.
 */
static void written(Server *s, void *arg)
{
    struct Functions *all = arg;
    int64_t left = all->log.n - all->log.writing;
    if (all->log.dropped) log_error(s, "function-log-dropped", "events=%" PRId64, all->log.dropped);
    all->log.dropped = 0;
    memmove(all->log.p, all->log.p + all->log.writing, (size_t)left * sizeof *all->log.p);
    all->log.n = left;
    all->log.due = left ? s->now + FUNCTIONS_LOG_FLUSH_MS : INT64_MAX;
    if (left) return;
    arena_reset(&all->log.a);
    all->log.p = NULL;
    all->log.cap = 0;
}

void functions_log_flush(Server *s)
{
    struct Functions *all = s->functions;
    Error err = {0};
    if (!all->log.n || s->now < all->log.due) return;
    all->log.due = s->now + FUNCTIONS_LOG_FLUSH_MS;
    all->log.writing = all->log.n;
    event_begin(s);
    write_events(s);
    after_commit(s, written, all);
    if (!event_end(s, true, &err)) log_error(s, "function-log-delayed", "error=\"%s\"", err.text);
}

/* ---- what an instance wrote ---- */

static Str log_path(Server *s, const Instance *in)
{
    return str_printf(&s->turn, "%.*s/log", STR(instance_box(&s->turn, in)));
}

/* A file that is empty again: its writers append. */
static void empty(Server *s, Instance *in)
{
    int fd;
    Error err = {0};
    if (!file_open(s->data, log_path(s, in), FILE_REPLACE, &fd, &err)) return;
    file_close(fd);
    in->log_read = 0;
}

/* From where it was read last; what is beyond the limit is passed over, and said. */
static Str read_new(Server *s, Instance *in)
{
    int fd;
    Error err = {0};
    int64_t size = 0, got = 0;
    if (!file_open(s->data, log_path(s, in), FILE_READ, &fd, &err)) return S("");
    bool good = file_size(fd, &size, &err);
    int64_t n = size - in->log_read;
    if (n > FUNCTIONS_LOG_BYTES_MAX) n = FUNCTIONS_LOG_BYTES_MAX;
    char *text = new_array(&s->turn, char, n > 0 ? n : 1);
    good = good && n > 0 && file_read(fd, in->log_read, text, n, &got, &err);
    file_close(fd);
    if (!good) return S("");
    in->log_read = size;
    return (Str){text, got};
}

/* One event a line. A carriage return within it stands for a line's end: so our bootstraps write
 * what belongs together. */
static Str unfold(Arena *a, Str line)
{
    char *p = new_array(a, char, line.n + 1);
    for (int64_t i = 0; i < line.n; i++) p[i] = line.p[i] == '\r' ? '\n' : line.p[i];
    return (Str){p, line.n};
}

static void add_line(Server *s, Instance *in, Buf *text, Str line)
{
    Str message = str_printf(&s->turn, "%.*s\n", STR(line));
    if (text) buf_put(text, message);
    add(s, in, message);
}

static void add_lines(Server *s, Instance *in, Buf *text, Str lines)
{
    Str line;
    while (lines.n && str_cut(&lines, '\n', &line))
        if (line.n) add_line(s, in, text, unfold(&s->turn, line));
}

void instance_log_line(Server *s, Instance *in, Str message)
{
    Buf *text = in->text.a ? &in->text : NULL;
    add_lines(s, in, text, read_new(s, in));
    add_line(s, in, text, message);
}

/* ---- the frame of an invocation, as the service writes it ---- */

void instance_log_init(Server *s, Instance *in)
{
    add(s, in,
        str_printf(&s->turn, "INIT_START Runtime Version: %.*s (this machine's)\n",
                   STR(in->plan.runtime)));
    add_lines(s, in, NULL, read_new(s, in));
}

void instance_log_begin(Server *s, Instance *in, Invocation *i)
{
    in->text = (Buf){.a = &i->a};
    add_lines(s, in, NULL, read_new(s, in));
    add_line(s, in, &in->text,
             str_printf(&s->turn, "START RequestId: %.*s Version: %.*s", STR(i->ask.request_id),
                        STR(in->plan.version)));
}

static Str report(Server *s, const Instance *in, const Invocation *i)
{
    Buf b = {.a = &s->turn};
    Millis ms = i->delivered ? s->now - i->begun : 0;
    buf_printf(&b,
               "REPORT RequestId: %.*s\tDuration: %" PRId64 ".00 ms\tBilled Duration: %" PRId64
               " ms\tMemory Size: %" PRId64 " MB",
               STR(i->ask.request_id), ms, ms, in->plan.memory_mb);
    if (in->memory_max_bytes)
        buf_printf(&b, "\tMax Memory Used: %" PRId64 " MB",
                   (in->memory_max_bytes + (1 << 20) - 1) >> 20);
    if (in->init_ms >= 0) buf_printf(&b, "\tInit Duration: %" PRId64 ".00 ms", in->init_ms);
    buf_putc(&b, '\t');
    return buf_str(&b);
}

/* The last bytes, from the beginning of a character on. */
static Str last_bytes(Str text)
{
    int64_t from = text.n > FUNCTIONS_TAIL_BYTES ? text.n - FUNCTIONS_TAIL_BYTES : 0;
    while (from < text.n && ((unsigned char)text.p[from] & 0xc0) == 0x80) from++;
    return str_slice(text, from, text.n);
}

void instance_log_end(Server *s, Instance *in, Invocation *i)
{
    if (!in->text.a) in->text = (Buf){.a = &i->a};
    Str id = i->ask.request_id;
    add_lines(s, in, &in->text, read_new(s, in));
    add_line(s, in, &in->text, str_printf(&s->turn, "END RequestId: %.*s", STR(id)));
    add_line(s, in, &in->text, report(s, in, i));
    in->init_ms = -1;
    if (i->ask.tail) i->end.tail = last_bytes(buf_str(&in->text));
    in->text = (Buf){0};
    if (in->log_read > FUNCTIONS_LOG_FILE_BYTES) empty(s, in);
}
