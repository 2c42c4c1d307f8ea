/* asl.c - the states language against recorded executions: asl_step under a virtual clock, answers as recorded, histories compared. */
#include "run.h"
#include "same.h"
#include <stdlib.h>

static Str read_file(Arena *a, const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return (Str){0};
    Buf b = {.a = a};
    for (size_t n; (n = fread(buf_room(&b, 65536), 1, 65536, f)) > 0;) b.n += (int64_t)n;
    fclose(f);
    return buf_str(&b);
}

static Str replaced(Arena *a, Str s, Str from, Str to)
{
    Buf b = {.a = a};
    for (int64_t at; (at = str_find(s, from)) >= 0; s = str_slice(s, at + from.n, s.n)) {
        buf_put(&b, str_slice(s, 0, at));
        buf_put(&b, to);
    }
    buf_put(&b, s);
    return buf_str(&b);
}

Str filled_in(Arena *a, Str s)
{
    s = replaced(a, s, S("@@1.activityArn@@"),
                 S("arn:aws:states:us-east-1:111111111111:activity:activity_arn"));
    s = replaced(a, s, S("@@1.stateMachineArn@@"),
                 S("arn:<partition>:states:<region>:111111111111:stateMachine:<ArnPart_0idx>"));
    return replaced(a, s, S("@@uid252@@"), S(""));
}

/* "TestNumerics::test_numeric_equals_path#3" -> NumericEqualsPath: the machine these cases were
 * recorded with. */
static Str choice_definition(Arena *a, Str name, const Json *input)
{
    Str method = str_slice(name, str_find(name, S("::test_")) + 7, str_find_char(name, '#')), word;
    Buf operator= {.a = a};
    while (str_cut(&method, '_', &word)) {
        buf_put(&operator, str_upper(a, str_slice(word, 0, 1)));
        buf_put(&operator, str_slice(word, 1, word.n));
    }
    bool path = str_ends(buf_str(&operator), S("Path"));
    return str_printf(
        a,
        "{\"StartAt\":\"C\",\"States\":{\"C\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$."
        "Variable\",\"%.*s\":%.*s,"
        "\"Next\":\"T\"}],\"Default\":\"F\"},\"T\":{\"Type\":\"Pass\",\"Result\":{\"TestResult.$\":"
        "\"ConditionTrue\"},\"End\":true},"
        "\"F\":{\"Type\":\"Pass\",\"Result\":{\"TestResult.$\":\"ConditionFalse\"},\"End\":true}}}",
        STR(buf_str(&operator)),
        STR(path ? S("\"$.Value\"") : json_to_str(a, json_get(input, S("Value")))));
}

static Str member_text(Arena *a, const Json *details, Str key)
{
    const Json *v = json_get(details, key);
    return !v ? (Str){0} : json_is(v, JSON_STRING) ? json_text(v) : json_to_str(a, v);
}

/* The recorded event after those we have, when it is the answer to a task. */
static bool answer(AslWorld *w, const Json *expected, AslToken token)
{
    static const struct {
        const char *suffix;
        AslEventKind kind;
    } kinds[] = {
        {"Started", ASL_TASK_STARTED},
        {"Submitted", ASL_TASK_SUBMITTED},
        {"Succeeded", ASL_TASK_SUCCEEDED},
        {"Failed", ASL_TASK_FAILED},
    };
    const Json *next = json_at(expected, w->history.n);
    Str type = json_text(json_get(next, S("type")));
    const Json *details = NULL;
    for (int32_t i = 0; i < json_count(next); i++)
        if (str_ends(next->members[i].key, S("EventDetails"))) details = &next->members[i].value;
    if (!str_starts(type, S("Task")) && !str_starts(type, S("Activity"))) return false;
    for (int i = 0; i < countof(kinds); i++) {
        if (!str_ends(type, str_from(kinds[i].suffix))) continue;
        AslEvent e = {.kind = kinds[i].kind,
                      .token = token,
                      .output = member_text(w->a, details, S("output")),
                      .error = member_text(w->a, details, S("error")),
                      .cause = member_text(w->a, details, S("cause")),
                      .worker = member_text(w->a, details, S("workerName"))};
        return asl_world_event(w, e);
    }
    return false;
}

static void drive(AslWorld *w, const Json *expected)
{
    AslCommand c;
    int64_t enough = expected ? expected->n : INT64_MAX;
    while (w->exec.status == ASL_RUNNING && w->history.n < enough) {
        Str next = json_text(json_get(json_at(expected, w->history.n), S("type")));
        if (str_eq(next, S("ExecutionAborted")))
            asl_world_event(w, (AslEvent){.kind = ASL_STOP});
        else if (asl_world_take(w, ASL_COMMAND_MAP_RUN, &c))
            asl_world_map_run(w, &c);
        else if (asl_world_take(w, ASL_COMMAND_TASK, &c))
            while (w->exec.status == ASL_RUNNING && answer(w, expected, c.token)) {
            }
        else if (!asl_world_fire(w))
            break;
        asl_world_settle(w);
    }
}

static Json actual_events(AslWorld *w, bool reversed)
{
    JsonArray all = {.a = w->a};
    for (int64_t i = 0; i < w->history.n; i++)
        json_add(&all, asl_history_json(w->a, &w->history.p[reversed ? w->history.n - 1 - i : i]));
    return json_array(&all);
}

static bool same_outcome(AslWorld *w, const Json *c)
{
    static const char *const names[] = {[ASL_RUNNING] = "RUNNING",
                                        [ASL_SUCCEEDED] = "SUCCEEDED",
                                        [ASL_FAILED] = "FAILED",
                                        [ASL_TIMED_OUT] = "TIMED_OUT",
                                        [ASL_ABORTED] = "ABORTED"};
    Str status = json_text(json_get(c, S("expected_status")));
    const Json *end = json_get(c, S("expected_end")), *output = json_get(end, S("output")),
               *error = json_get(end, S("error"));
    if (!str_ends(status, S("Entered")) && !str_eq(status, S("ExecutionStarted")) &&
        !str_eq(status, str_from(names[w->exec.status])))
        return false;
    if (error && !str_eq(json_text(error), w->exec.error)) return false;
    Json actual = json_string(w->exec.output);
    return !output || same(w->a, &actual, output);
}

static Verdict judge(AslWorld *w, const Json *c, const Json *expected, Str *where)
{
    bool reversed = json_int_or(json_get(json_at(expected, 0), S("id")), 1) > 1 &&
                    json_is(json_get(json_at(expected, 0), S("id")), JSON_NUMBER);
    if (!same_outcome(w, c)) return *where = S("outcome"), WRONG;
    if (!expected) return EXACT;
    Json actual = actual_events(w, reversed);
    if (same_history(w->a, &actual, expected, where)) return EXACT;
    return same_unordered(w->a, &actual, expected) ? CANON : OUTCOME;
}

static Category *category(Run *r, Str name)
{
    for (int64_t i = 0; i < r->categories.n; i++)
        if (str_eq(r->categories.p[i].name, name)) return &r->categories.p[i];
    Category *c = vec_push(r->a, &r->categories);
    *c = (Category){.name = str_copy(r->a, name)};
    return c;
}

void note(Run *r, Str group, Str name, Verdict verdict, Str where)
{
    static const char *const words[] = {"exact", "canon", "outcome", "wrong"};
    category(r, group)->n[verdict]++;
    Str line = str_printf(&r->scratch, "\n%.*s\n", STR(name));
    bool listed = str_find(r->known, line) >= 0;
    if (verdict == EXACT || verdict == CANON) {
        r->stale += listed;
        return;
    }
    r->unknown += !listed;
    if (r->list)
        fprintf(r->list, "%s\t%s\t%.*s\t%.*s\n", words[verdict], listed ? "known" : "NEW",
                STR(name), STR(where));
}

static void run_case(Run *r, const Json *c)
{
    Arena *a = &r->scratch;
    AslWorld w;
    Json input = {0};
    Error err;
    Str why, name = json_text(json_get(c, S("name"))),
             text = json_text(json_get(c, S("definition_text")));
    const Json *given = json_get(c, S("input")), *expected = json_get(c, S("expected_history"));
    Str in = json_is(given, JSON_STRING) ? filled_in(a, json_text(given)) : S("{}");
    bool parsed = json_parse(in, a, &input, &err);
    Str definition = text.n && parsed ? filled_in(a, text) : choice_definition(a, name, &input);
    Str where = {0}, group = json_text(json_get(c, S("category")));
    if (!asl_world_open(&w, a, definition, &why)) {
        note(r, group, name, WRONG, why);
        return;
    }
    asl_world_start(&w, in);
    drive(&w, expected);
    Verdict verdict = judge(&w, c, expected, &where);
    note(r, group, name, verdict, where);
}

static void each_line(Run *r, Str file, void (*run)(Run *r, const Json *line))
{
    Str line;
    while (str_cut(&file, '\n', &line)) {
        Json v;
        Error err;
        if (line.n && json_parse(line, &r->scratch, &v, &err)) run(r, &v);
        arena_reset(&r->scratch);
    }
}

static int report(const Run *r)
{
    int64_t sum[VERDICTS] = {0};
    for (int64_t i = 0; i < r->categories.n; i++) {
        const Category *c = &r->categories.p[i];
        printf("# %-20.*s exact %4" PRId64 "  canon %3" PRId64 "  outcome %3" PRId64
               "  wrong %3" PRId64 "\n",
               STR(c->name), c->n[EXACT], c->n[CANON], c->n[OUTCOME], c->n[WRONG]);
        for (int k = 0; k < VERDICTS; k++) sum[k] += c->n[k];
    }
    printf("# %-20s exact %4" PRId64 "  canon %3" PRId64 "  outcome %3" PRId64 "  wrong %3" PRId64
           "\n",
           "all", sum[EXACT], sum[CANON], sum[OUTCOME], sum[WRONG]);
    printf("%sok 1 - no difference that is not listed (%" PRId64 " new)\n",
           r->unknown ? "not " : "", r->unknown);
    printf("%sok 2 - no listed difference is gone (%" PRId64 " gone)\n", r->stale ? "not " : "",
           r->stale);
    return r->unknown || r->stale;
}

/* asl SHARED DIFFERENCES [LIST]: the folder of recordings, the known differences, where to list
 * those found. */
int main(int argc, char **argv)
{
    Arena a = {0};
    Run r = {.a = &a};
    check(argc >= 3);
    Str cases = read_file(
        &a, str_z(&a, str_printf(&a, "%s/conformance/stepfunctions/run_cases.jsonl", argv[1])));
    Str scripts = read_file(
        &a, str_z(&a, str_printf(&a, "%s/conformance/stepfunctions/api_scripts.jsonl", argv[1])));
    if (str_absent(cases)) return printf("1..0 # SKIP the recordings are not at %s\n", argv[1]), 0;
    printf("1..2\n");
    r.known = str_printf(&a, "\n%.*s", STR(read_file(&a, argv[2])));
    r.list = argc > 3 ? fopen(argv[3], "w") : NULL;
    each_line(&r, cases, run_case);
    each_line(&r, scripts, run_script);
    if (r.list) fclose(r.list);
    int code = report(&r);
    arena_free(&r.scratch);
    arena_free(&a);
    return code;
}
