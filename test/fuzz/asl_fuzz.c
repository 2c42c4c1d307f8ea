/* asl_fuzz.c - lines: a definition, an input, then one event a byte: an accepted machine never breaks a rule of its history. */
#include "../unit/core/asl/asl_world.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { EVENTS_MAX = 40, CONTINUES_MAX = 2 };

static void history_holds(const AslWorld *w)
{
    for (int64_t i = 0; i < w->history.n; i++) {
        const AslHistory *h = &w->history.p[i];
        check(h->id == i + 1 && h->previous >= 0 && h->previous < h->id);
        bool end = h->type >= ASL_H_EXECUTION_SUCCEEDED && h->type <= ASL_H_EXECUTION_TIMED_OUT;
        bool redriven =
            i + 1 < w->history.n && w->history.p[i + 1].type == ASL_H_EXECUTION_REDRIVEN;
        if (end) check(redriven || (i == w->history.n - 1 && w->exec.status != ASL_RUNNING));
    }
}

/* The byte chooses what happens to the first command there is. */
static bool one_event(AslWorld *w, uint8_t byte)
{
    static const AslEventKind kinds[] = {
        ASL_TASK_STARTED,      ASL_TASK_SUBMITTED, ASL_TASK_SUCCEEDED,
        ASL_TASK_FAILED,       ASL_TASK_HEARTBEAT, ASL_MAP_RUN_STARTED,
        ASL_MAP_RUN_SUCCEEDED, ASL_MAP_RUN_FAILED, ASL_STOP,
        ASL_REDRIVE,           ASL_TIMER};
    if (!w->commands.n && byte % 4) return false;
    AslCommand c = w->commands.n ? w->commands.p[(byte >> 4) % w->commands.n] : (AslCommand){0};
    AslEvent e = {.kind = kinds[byte % countof(kinds)],
                  .token = c.token,
                  .timer = c.timer,
                  .output = S("{\"r\":[1]}"),
                  .error = S("E"),
                  .cause = S("why"),
                  .arn = S("arn")};
    if (c.kind == ASL_COMMAND_TIMER && e.kind == ASL_TIMER && c.due > w->now) w->now = c.due;
    if (e.kind == ASL_TIMER && c.kind != ASL_COMMAND_TIMER) return true;
    asl_world_event(w, e);
    return true;
}

static void run(Arena *a, const AslDefinition *def, Str input, Str events)
{
    AslWorld w = {.a = a, .def = def, .now = 1795194516000, .seed = 1};
    AslCommand c;
    int continues = 0;
    w.exec.id = (AslIdentity){.arn = S("a"),
                              .name = S("n"),
                              .role_arn = S("r"),
                              .machine_arn = S("m"),
                              .machine_name = S("m")};
    w.exec.input = input;
    asl_world_event(&w, (AslEvent){.kind = ASL_START});
    for (int64_t i = 0; i < events.n && i < EVENTS_MAX; i++) {
        while (continues < CONTINUES_MAX && asl_world_take(&w, ASL_COMMAND_CONTINUE, &c)) {
            continues++;
            asl_world_event(&w, (AslEvent){.kind = ASL_CONTINUE, .token = c.token});
        }
        if (!one_event(&w, (uint8_t)events.p[i])) break;
    }
    history_holds(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    Str rest = {(const char *)data, (int64_t)n}, text = {0}, input = {0};
    AslDiagnostics found = {0};
    const AslDefinition *def;
    Json v;
    Error err;
    if (n && str_cut(&rest, '\n', &text)) {
        bool good = asl_parse(text, &(AslRules){.single_state = false}, &a, &found, &def);
        check(good || found.n > 0);
        check(good || asl_diagnostics_text(&a, &found).n > 0);
        if (good && str_cut(&rest, '\n', &input) && input.n && json_parse(input, &a, &v, &err))
            run(&a, def, input, rest);
    }
    arena_free(&a);
    return 0;
}
