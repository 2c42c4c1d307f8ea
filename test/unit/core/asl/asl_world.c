/* asl_world.c - the host in memory: it stores what an update says and nothing else, so what works here works from rows. */
#include "asl_world.h"

static const AslFrame *load(void *owner, int64_t id)
{
    AslWorld *w = owner;
    for (int64_t i = w->rows.n - 1; i >= 0; i--)
        if (w->rows.p[i].id == id) return w->rows_loaded++, &w->rows.p[i];
    return NULL;
}

bool asl_world_open(AslWorld *w, Arena *a, Str definition, Str *why)
{
    AslDiagnostics found = {0};
    *w = (AslWorld){.a = a, .now = 1795194516000, .seed = 1}; /* 2026-11-20T17:08:36Z */
    w->exec.id = (AslIdentity){
        .arn = S("arn:<partition>:states:<region>:111111111111:execution:<ArnPart_0idx>:<"
                 "ExecArnPart_0idx>"),
        .name = S("<ExecArnPart_0idx>"),
        .role_arn = S("snf_role_arn"),
        .machine_arn =
            S("arn:<partition>:states:<region>:111111111111:stateMachine:<ArnPart_0idx>"),
        .machine_name = S("<ArnPart_0idx>"),
        .region = S("<region>"),
        .started = w->now,
    };
    if (asl_parse(definition, &(AslRules){0}, a, &found, &w->def)) return true;
    *why = asl_diagnostics_text(a, &found);
    return false;
}

static Str own(AslWorld *w, Str s)
{
    return str_absent(s) ? s : str_copy(w->a, s);
}

static void put_text(AslWorld *w, AslFrame *row, const AslFrame *f)
{
    if (f->dirty & ASL_DIRTY_INPUT) row->input = own(w, f->input);
    if (f->dirty & ASL_DIRTY_VARIABLES) row->variables = own(w, f->variables);
    if (f->dirty & ASL_DIRTY_ITEM) row->item = own(w, f->item);
}

/* Only the columns that are marked are written, so a forgotten mark shows. */
static void store(AslWorld *w, const AslFrame *f)
{
    AslFrame *row = NULL;
    w->rows_stored++;
    for (int64_t i = 0; i < w->rows.n; i++)
        if (w->rows.p[i].id == f->id) row = &w->rows.p[i];
    if (!row) {
        row = vec_push(w->a, &w->rows);
        *row = (AslFrame){.id = f->id};
    }
    if (f->dirty & ASL_DIRTY_STATE) {
        bool good = asl_frame_unpack(asl_frame_pack(w->a, f), row);
        check(good);
        row->map_run_arn = own(w, f->map_run_arn);
    }
    put_text(w, row, f);
}

static void delete_group(AslWorld *w, int64_t group)
{
    for (int64_t i = 0; i < w->rows.n; i++)
        if (w->rows.p[i].group == group) w->rows.p[i].id = -1, w->rows.p[i].group = -1;
}

/* A timer replaces an earlier one of its frame and kind. */
static void replace_timer(AslWorld *w, const AslCommand *c)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < w->commands.n; i++) {
        const AslCommand *old = &w->commands.p[i];
        bool same = old->kind == ASL_COMMAND_TIMER && old->timer == c->timer &&
                    old->token.frame == c->token.frame;
        if (!same) w->commands.p[kept++] = *old;
    }
    w->commands.n = kept;
}

static AslCommand keep(AslWorld *w, AslCommand c)
{
    Str *texts[] = {&c.resource,   &c.service,  &c.action, &c.pattern,
                    &c.parameters, &c.role_arn, &c.label,  &c.map_run_arn};
    for (int i = 0; i < countof(texts); i++) *texts[i] = own(w, *texts[i]);
    return c;
}

static void cancel(AslWorld *w, AslToken t)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < w->commands.n; i++) {
        AslToken c = w->commands.p[i].token;
        if (c.frame != t.frame || c.attempt != t.attempt ||
            w->commands.p[i].kind == ASL_COMMAND_CONTINUE)
            w->commands.p[kept++] = w->commands.p[i];
    }
    w->commands.n = kept;
}

bool asl_world_event(AslWorld *w, AslEvent event)
{
    Arena turn = {0};
    AslUpdate update;
    event.now = w->now;
    event.seed = w->seed++;
    asl_step(w->def, &w->exec, &(AslFrames){w, load}, &event, &turn, &update);
    for (int64_t i = 0; i < update.removed.n; i++) delete_group(w, update.removed.p[i]);
    for (int64_t i = 0; i < update.frames.n; i++) store(w, &update.frames.p[i]);
    for (int64_t i = 0; i < update.history.n; i++) {
        AslHistory *h = vec_push(w->a, &w->history);
        *h = update.history.p[i];
        h->details = json_copy(w->a, &h->details);
    }
    for (int64_t i = 0; i < update.commands.n; i++) {
        if (update.commands.p[i].kind == ASL_COMMAND_TIMER) replace_timer(w, &update.commands.p[i]);
        if (update.commands.p[i].kind == ASL_COMMAND_CANCEL)
            cancel(w, update.commands.p[i].token);
        else
            *vec_push(w->a, &w->commands) = keep(w, update.commands.p[i]);
    }
    if (!update.ignored) {
        w->exec = update.next;
        w->exec.output = own(w, w->exec.output);
        w->exec.error = own(w, w->exec.error);
        w->exec.cause = own(w, w->exec.cause);
        w->exec.input = own(w, w->exec.input);
    }
    arena_free(&turn);
    return !update.ignored;
}

void asl_world_start(AslWorld *w, Str input)
{
    w->exec.input = input;
    asl_world_event(w, (AslEvent){.kind = ASL_START});
    asl_world_settle(w);
}

static void remove_command(AslWorld *w, int64_t i)
{
    memmove(&w->commands.p[i], &w->commands.p[i + 1],
            (size_t)(w->commands.n - i - 1) * sizeof *w->commands.p);
    w->commands.n--;
}

bool asl_world_take(AslWorld *w, AslCommandKind kind, AslCommand *out)
{
    for (int64_t i = 0; i < w->commands.n; i++) {
        if (w->commands.p[i].kind != kind) continue;
        *out = w->commands.p[i];
        remove_command(w, i);
        return true;
    }
    return false;
}

bool asl_world_fire(AslWorld *w)
{
    int64_t first = -1;
    for (int64_t i = 0; i < w->commands.n; i++) {
        const AslCommand *c = &w->commands.p[i];
        if (c->kind == ASL_COMMAND_TIMER && (first < 0 || c->due < w->commands.p[first].due))
            first = i;
    }
    if (first < 0) return false;
    AslCommand c = w->commands.p[first];
    remove_command(w, first);
    if (c.due > w->now) w->now = c.due;
    asl_world_event(w, (AslEvent){.kind = ASL_TIMER, .token = c.token, .timer = c.timer});
    asl_world_settle(w);
    return true;
}

void asl_world_settle(AslWorld *w)
{
    AslCommand c;
    while (asl_world_take(w, ASL_COMMAND_CONTINUE, &c))
        asl_world_event(w, (AslEvent){.kind = ASL_CONTINUE, .token = c.token});
}

/* A child that does not succeed fails the run, as with a tolerance of 0. */
static bool child_output(AslWorld *w, const AslCommand *c, const Json *item, Buf *out)
{
    AslWorld child = {
        .a = w->a, .def = w->def, .exec = {.id = w->exec.id}, .now = w->now, .seed = w->seed};
    child.exec.id.flow = c->flow;
    asl_world_start(&child, json_to_str(w->a, item));
    while (child.exec.status == ASL_RUNNING && asl_world_fire(&child)) {
    }
    if (child.exec.status != ASL_SUCCEEDED) return false;
    buf_put(out, child.exec.output);
    return true;
}

void asl_world_map_run(AslWorld *w, const AslCommand *c)
{
    Json order;
    Error err;
    Buf out = {.a = w->a};
    bool good = json_parse(c->parameters, w->a, &order, &err);
    check(good);
    Str arn = str_printf(w->a,
                         "arn:<partition>:states:<region>:111111111111:mapRun:<ArnPart_0idx>/"
                         "%.*s:<MapRunArnPart1_0idx>",
                         STR(c->label.n ? c->label : S("<MapRunArnPart0_0idx>")));
    asl_world_event(w, (AslEvent){.kind = ASL_MAP_RUN_STARTED, .token = c->token, .arn = arn});
    const Json *items = json_get(&order, S("Items"));
    buf_putc(&out, '[');
    for (int32_t i = 0; i < json_count(items); i++) {
        if (i) buf_putc(&out, ',');
        good &= child_output(w, c, &items->items[i], &out);
    }
    buf_putc(&out, ']');
    AslEvent end = {.kind = ASL_MAP_RUN_SUCCEEDED, .token = c->token, .output = buf_str(&out)};
    if (!good)
        end = (AslEvent){.kind = ASL_MAP_RUN_FAILED,
                         .token = c->token,
                         .error = S("States.ExceedToleratedFailureThreshold"),
                         .cause = S("The specified tolerated failure threshold was exceeded")};
    asl_world_event(w, end);
    asl_world_settle(w);
}
