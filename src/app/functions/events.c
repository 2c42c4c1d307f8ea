/* events.c - invocations that are rows: begun when due, tried again, given up with a reason, or a task's result. */
#include "app/functions/destinations.h"
#include "app/functions/inner.h"
#include "store/changes.h"
#include "store/layers.h"
#include "store/timers.h"

enum { THROTTLED_RETRY_MS = 1000 };

#define TIMER S("lambda")

static Str subject_of(Server *s, int64_t n)
{
    return str_printf(&s->turn, "%" PRId64, n);
}

void functions_invoke_later(Server *s, InvocationRow *row)
{
    invocation_add(s->db, row);
    timer_set(s->db, TIMER, subject_of(s, row->n), s->now);
}

/* ---- ends ---- */

static int64_t configured(Server *s, const InvocationRow *row, const char *name)
{
    Json config;
    Error err = {0};
    Str text = function_setting(s->db, row->function, functions_setting_name(row->qualifier),
                                S("invoke-config"), &s->turn);
    if (str_absent(text) || !json_parse(text, &s->turn, &config, &err)) return -1;
    return json_int_or(json_get(&config, str_from(name)), -1);
}

static void give_up(Server *s, InvocationRow *row, const char *reason)
{
    row->state = INVOCATION_DEAD;
    row->error = str_from(reason);
    invocation_set(s->db, row);
    invocation_trim_dead(s->db, row->function, FUNCTIONS_DEAD_KEPT);
    bool ran = !str_eq(row->error, S("ResourceNotFoundException"));
    destinations_tell(s, row,
                      &(DestinationEnd){.condition = row->error,
                                        .failed = true,
                                        .answer = ran ? row->cause : (Str){0}});
    log_recorded(s, "function-event-given-up", "request=%.*s attempts=%" PRId64 " reason=%s",
                 STR(row->request_id), row->attempts, reason);
}

static void failed(Server *s, InvocationRow *row, Str cause)
{
    row->attempts++;
    row->cause = cause;
    FunctionRetry retry = function_retry(row->attempts, row->asked, s->now,
                                         configured(s, row, "MaximumRetryAttempts"),
                                         configured(s, row, "MaximumEventAgeInSeconds"));
    if (!retry.again) {
        give_up(s, row, retry.reason);
        return;
    }
    row->state = INVOCATION_WAITING;
    invocation_set(s->db, row);
    timer_set(s->db, TIMER, subject_of(s, row->n), retry.due);
}

/* The execution follows the changed record within this turn, and reads the row. */
static void task_ended(Server *s, InvocationRow *row)
{
    row->state = INVOCATION_ENDED;
    invocation_set(s->db, row);
    change_add(s->db, &(Change){.service = FUNCTIONS_TASK_SERVICE,
                                .id = subject_of(s, row->n),
                                .to = row->error.n ? S("FAILED") : S("SUCCEEDED"),
                                .at = s->now});
}

Str functions_error_type(Server *s, Str payload)
{
    Json document;
    Error err = {0};
    Str type = json_parse(payload, &s->turn, &document, &err)
                   ? json_text(json_get(&document, S("errorType")))
                   : (Str){0};
    return type.n ? type : S("Lambda.Unknown");
}

static void record(Server *s, const Invocation *i, InvocationRow *row)
{
    if (row->task) {
        row->error = i->end.failed ? functions_error_type(s, i->end.payload) : (Str){0};
        if (i->end.failed)
            row->cause = i->end.payload;
        else
            row->output = i->end.payload;
        task_ended(s, row);
    } else if (i->end.failed) {
        failed(s, row, i->end.payload);
    } else {
        destinations_tell(s, row,
                          &(DestinationEnd){.condition = S("Success"), .answer = i->end.payload});
        invocation_remove(s->db, row->n);
    }
}

bool functions_row_ended(Server *s, const Invocation *i)
{
    InvocationRow row;
    Error err = {0};
    event_begin(s);
    if (invocation_get(s->db, i->ask.row, &s->turn, &row)) record(s, i, &row);
    return event_end(s, true, &err);
}

/* ---- the beginning ---- */

static bool ask_of(Server *s, const InvocationRow *row, InvocationAsk *ask, Error *err)
{
    FunctionRow f;
    if (!function_get(s->db, row->function, &s->turn, &f))
        return error_set(err, ERR_LAMBDA_NOT_FOUND, "The function was deleted");
    *ask = (InvocationAsk){
        .function = row->function,
        .version = row->version,
        .arn = function_arn(&s->turn, f.region, f.account, f.name, row->qualifier),
        .request_id = row->request_id,
        .payload = row->payload,
        .row = row->n,
    };
    return functions_invoke(s, ask, err);
}

static void not_begun(Server *s, InvocationRow *row, const Error *err)
{
    if (err->code == ERR_LAMBDA_THROTTLED && !row->task) {
        timer_set(s->db, TIMER, subject_of(s, row->n), s->now + THROTTLED_RETRY_MS);
        return;
    }
    row->cause = str_copy(&s->turn, error_text(err));
    if (!row->task) {
        row->attempts++;
        give_up(s, row, "ResourceNotFoundException");
        return;
    }
    row->error = str_printf(&s->turn, "Lambda.%.*s", STR(error_name(err->code)));
    task_ended(s, row);
}

/* A row that is RUNNING is in hand already. */
void functions_timer_due(Server *s, Str subject)
{
    InvocationRow row;
    InvocationAsk ask;
    Error err = {0};
    int64_t n;
    check(str_to_int(subject, &n));
    if (!invocation_get(s->db, n, &s->turn, &row) || row.state != INVOCATION_WAITING) return;
    bool begun = ask_of(s, &row, &ask, &err);
    if (db_failed(s->db)) return;
    if (!begun) {
        not_begun(s, &row, &err);
        return;
    }
    row.state = INVOCATION_RUNNING;
    invocation_set(s->db, &row);
}

/* ---- after a restart ---- */

bool functions_recover(Server *s, Error *err)
{
    int64_t *running, n = invocation_list_running(s->db, &s->turn, &running);
    (void)err;
    code_size_sweep(s->db);
    for (int64_t i = 0; i < n; i++) {
        InvocationRow row;
        if (!invocation_get(s->db, running[i], &s->turn, &row)) continue;
        row.state = INVOCATION_WAITING;
        invocation_set(s->db, &row);
        timer_set(s->db, TIMER, subject_of(s, row.n), s->now);
        log_recorded(s, "function-event-again", "request=%.*s", STR(row.request_id));
    }
    return true;
}
