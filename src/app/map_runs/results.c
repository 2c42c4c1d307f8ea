/* results.c - what the children of a Map Run gave, as the output of the state. */
#include "app/map_runs/results.h"
#include "app/map_runs/map_runs.h"

#include "base/time.h"
#include "core/asl/asl.h"

enum { RESULTS_AT_ONCE = 500, RESULT_BYTES_AT_ONCE = 1024 * 1024 };

/* ---- one result ---- */

static Json included(Arena *a)
{
    JsonObject o = {.a = a};
    json_put(&o, S("Included"), json_bool(true));
    return json_object(&o);
}

/* Names in the order of the alphabet, as AWS writes them. */
static Json described(Arena *a, const MapResult *r)
{
    JsonObject o = {.a = a};
    AslStatus status = (AslStatus)r->child.status;
    bool good = status == ASL_SUCCEEDED;
    json_put_text(&o, S("Cause"), r->cause);
    json_put_text(&o, S("Error"), r->error);
    json_put_text(&o, S("ExecutionArn"), r->arn);
    json_put_text(&o, S("Input"), r->input);
    json_put(&o, S("InputDetails"), included(a));
    json_put_text(&o, S("Name"), r->name);
    if (good) json_put_text(&o, S("Output"), r->output);
    json_put(&o, S("OutputDetails"), included(a));
    json_put(&o, S("RedriveCount"), json_int(a, r->redrives));
    json_put_text(&o, S("RedriveStatus"), good ? S("NOT_REDRIVABLE") : S("REDRIVABLE_BY_MAP_RUN"));
    if (good)
        json_put_text(&o, S("RedriveStatusReason"),
                      S("Execution is SUCCEEDED and cannot be redriven"));
    json_put_text(&o, S("StartDate"), time_iso8601(a, r->started));
    json_put_text(&o, S("StateMachineArn"), r->machine_arn);
    json_put_text(&o, S("Status"), executions_status_name(status));
    json_put_text(&o, S("StopDate"), time_iso8601(a, r->stopped));
    return json_object(&o);
}

static void separate(Buf *out, const ResultForm *form, bool *first)
{
    if (!*first) buf_putc(out, form->lines ? '\n' : ',');
    *first = false;
}

static bool flatten(Buf *out, const ResultForm *form, Str output, bool *first)
{
    Json value;
    Error err = {0};
    if (!json_parse(output, out->a, &value, &err) || !json_is(&value, JSON_ARRAY)) return false;
    for (int32_t i = 0; i < value.n; i++) {
        separate(out, form, first);
        json_write(out, &value.items[i]);
    }
    return true;
}

/* A line of JSON Lines must be one. */
static void put_output(Buf *out, const ResultForm *form, Str output)
{
    Json value;
    Error err = {0};
    if (form->lines && json_parse(output, out->a, &value, &err))
        json_write(out, &value);
    else
        buf_put(out, output);
}

void result_put(Buf *out, const ResultForm *form, const MapResult *r, bool *first)
{
    bool good = r->child.status == ASL_SUCCEEDED;
    if (good && form->transformation == RESULT_FLATTEN && flatten(out, form, r->output, first))
        return;
    separate(out, form, first);
    if (good && form->transformation != RESULT_NONE) {
        put_output(out, form, r->output);
        return;
    }
    Json all = described(out->a, r);
    json_write(out, &all);
}

void result_put_pending(Buf *out, const ResultForm *form, Str input, bool *first)
{
    JsonObject o = {.a = out->a};
    json_put_text(&o, S("Input"), input);
    json_put(&o, S("InputDetails"), included(out->a));
    json_put_text(&o, S("Status"), S("PENDING"));
    Json all = json_object(&o);
    separate(out, form, first);
    json_write(out, &all);
}

ResultForm result_form(const Json *order)
{
    const Json *writer = json_get(order, S("ResultWriter"));
    const Json *config = json_get(writer, S("WriterConfig"));
    Str transformation = json_text(json_get(config, S("Transformation")));
    ResultForm form = {.lines = str_eq(json_text(json_get(config, S("OutputType"))), S("JSONL"))};
    form.transformation = json_get(writer, S("Resource")) ? RESULT_NONE : RESULT_COMPACT;
    if (str_eq(transformation, S("NONE"))) form.transformation = RESULT_NONE;
    if (str_eq(transformation, S("COMPACT"))) form.transformation = RESULT_COMPACT;
    if (str_eq(transformation, S("FLATTEN"))) form.transformation = RESULT_FLATTEN;
    return form;
}

/* ---- all of them ---- */

/* More than a state may give is not collected: the state fails, however much more there is. */
static Str output_of(Server *s, const MapRunRow *row, const ResultForm *form)
{
    Buf out = {.a = &s->turn};
    MapResult *results;
    int64_t limit = s->config.lift_quotas ? JSON_BYTES_MAX : ASL_PAYLOAD_BYTES_MAX, n;
    bool first = true;
    if (!form->lines) buf_putc(&out, '[');
    for (int64_t i = 0; out.n <= limit; i = results[n - 1].child.i + 1) {
        n = map_result_list(s->db, row->n, i, RESULTS_AT_ONCE, RESULT_BYTES_AT_ONCE, &s->turn,
                            &results);
        for (int64_t r = 0; r < n && out.n <= limit; r++)
            result_put(&out, form, &results[r], &first);
        if (!n) break;
    }
    if (!form->lines) buf_putc(&out, ']');
    if (!form->lines) return buf_str(&out);
    Json text = json_string(buf_str(&out));
    return json_to_str(&s->turn, &text);
}

void map_runs_collect(Server *s, MapRunRow *row)
{
    Json order;
    Error err = {0};
    check(json_parse(row->order, &s->turn, &order, &err));
    if (json_get(json_get(&order, S("ResultWriter")), S("Resource"))) {
        map_runs_write(s, row, &order);
        return;
    }
    ResultForm form = result_form(&order);
    Str output = row->status == ASL_SUCCEEDED ? output_of(s, row, &form) : (Str){0};
    if (db_failed(s->db)) return;
    map_runs_finish(s, row, output);
}
