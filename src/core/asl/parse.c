/* parse.c - a definition's text to flows and states; what belongs to one kind of state is in parse_state.c and its like. */
#include "core/asl/parse.h"

void asl_parse_report(AslParser *p, bool warning, const char *code, Str location, Str message)
{
    p->broken |= !warning;
    if (p->found->n >= ASL_DIAGNOSTICS_MAX) {
        p->found->truncated = true;
        return;
    }
    *vec_push(p->a, p->found) = (AslDiagnostic){
        .warning = warning, .code = str_from(code), .location = location, .message = message};
}

void asl_parse_error(AslParser *p, Str location, Str message)
{
    asl_parse_report(p, false, "SCHEMA_VALIDATION_FAILED", location.n ? location : S("/"), message);
}

void asl_parse_unsupported(AslParser *p, Str at, Str field)
{
    asl_parse_error(p, at, str_printf(p->a, "Field '%.*s' is not supported", STR(field)));
}

Str asl_parse_below(AslParser *p, Str at, Str key)
{
    return str_printf(p->a, "%.*s/%.*s", STR(at), STR(key));
}

Str asl_parse_item(AslParser *p, Str at, const char *key, int32_t i)
{
    return str_printf(p->a, "%.*s/%s[%d]", STR(at), key, (int)i);
}

/* All that are missing in one message, as AWS tells them. */
bool asl_parse_require(AslParser *p, const Json *object, const char *const *keys, int n, Str at)
{
    Buf missing = {.a = p->a};
    for (int i = 0; i < n; i++)
        if (!json_get(object, str_from(keys[i])))
            buf_printf(&missing, "%s%s", missing.n ? ", " : "", keys[i]);
    if (missing.n)
        asl_parse_error(
            p, at, str_printf(p->a, "These fields are required: [%.*s]", STR(buf_str(&missing))));
    return missing.n == 0;
}

static int32_t state_index(const Json *states, Str name)
{
    for (int32_t i = 0; i < json_count(states); i++)
        if (str_eq(states->members[i].key, name)) return i;
    return -1;
}

int32_t asl_parse_target(AslParser *p, AslMachine *m, const Json *name, Str at)
{
    if (!json_is(name, JSON_STRING)) {
        asl_parse_error(p, at, S("The value should be a string"));
        return -1;
    }
    if (m->single) return -1;
    int32_t i = state_index(m->states, json_text(name));
    if (i < 0)
        asl_parse_report(p, false, "MISSING_TRANSITION_TARGET", at,
                         str_printf(p->a, "Missing 'Next' target: %.*s", STR(json_text(name))));
    else
        m->reached[i] = true;
    return i;
}

static void check_name(AslParser *p, Str name, Str at)
{
    for (int64_t i = 0; i < p->names.n; i++)
        if (str_eq(p->names.p[i], name))
            asl_parse_report(p, false, "DUPLICATE_STATE_NAME", at,
                             str_printf(p->a, "Duplicate State name: %.*s", STR(name)));
    *vec_push(p->a, &p->names) = name;
    if (name.n == 0 || name.n > 80)
        asl_parse_report(p, false, "INVALID_STATE_NAME", at,
                         S("The state name must have between 1 and 80 characters"));
}

/* Reachable from the start, following what parse_target recorded would need the edges; AWS asks
 * only whether anything that can itself be reached points there, which for valid machines is the
 * same. */
static void check_reached(AslParser *p, const AslMachine *m)
{
    if (!m->has_end) {
        asl_parse_report(p, false, "MISSING_END_STATE", (Str){0},
                         S("Workflow has no terminal state"));
        return;
    }
    for (int32_t i = 0; i < m->states->n; i++) {
        Str name = m->states->members[i].key;
        if (m->reached[i]) continue;
        asl_parse_report(p, false, "MISSING_TRANSITION_TARGET",
                         str_printf(p->a, "%.*s/States/%.*s", STR(m->at), STR(name)),
                         str_printf(p->a, "State \"%.*s\" is not reachable.", STR(name)));
    }
}

static void parse_states(AslParser *p, AslMachine *m, AslState *out)
{
    for (int32_t i = 0; i < m->states->n; i++) {
        const JsonMember *member = &m->states->members[i];
        check_name(p, member->key,
                   asl_parse_below(p, asl_parse_below(p, m->at, S("States")), member->key));
        out[i].next = out[i].otherwise = -1;
        asl_parse_state(p, m, member, &out[i]);
    }
}

int32_t asl_parse_flow(AslParser *p, const Json *machine, Str at, bool jsonata, bool strict,
                       bool express, Str owner)
{
    static const char *const required[] = {"StartAt", "States"};
    int32_t index = (int32_t)p->flows.n;
    *vec_push(p->a, &p->flows) = (AslFlow){.express = express, .name = owner};
    if (!json_is(machine, JSON_OBJECT))
        return asl_parse_error(p, at, S("The value should be an object")), index;
    if (!asl_parse_require(p, machine, required, countof(required), at)) return index;
    const Json *states = json_get(machine, S("States"));
    if (!json_is(states, JSON_OBJECT))
        return asl_parse_error(p, asl_parse_below(p, at, S("States")),
                               S("The value should be an object")),
               index;
    if (!states->n)
        return asl_parse_error(p, asl_parse_below(p, at, S("States")), S("Value cannot be empty")),
               index;
    if (++p->depth > ASL_DEPTH_MAX) {
        asl_parse_report(p, false, "TOO_DEEPLY_NESTED", at, S("The states are too deeply nested"));
        return index;
    }
    AslMachine m = {
        .states = states, .at = at, .jsonata = jsonata, .strict = strict, .express = express};
    m.reached = new_array(p->a, bool, states->n);
    AslState *out = new_array(p->a, AslState, states->n);
    int32_t start = asl_parse_target(p, &m, json_get(machine, S("StartAt")),
                                     asl_parse_below(p, at, S("StartAt")));
    parse_states(p, &m, out);
    check_reached(p, &m);
    p->depth--;
    AslFlow *flow = &p->flows.p[index];
    flow->states = out;
    flow->n = states->n;
    flow->start = start;
    return index;
}

static void parse_single(AslParser *p, const Json *v)
{
    Str name = p->rules->name.n ? p->rules->name : S("StateName");
    JsonMember *member = new (p->a, JsonMember);
    *member = (JsonMember){name, *v};
    Json *states = new (p->a, Json);
    *states = (Json){.type = JSON_OBJECT, .n = 1, .members = member};
    AslMachine m = {.states = states,
                    .at = S(""),
                    .single = true,
                    .express = p->rules->express,
                    .reached = new_array(p->a, bool, 1)};
    AslState *out = new (p->a, AslState);
    *vec_push(p->a, &p->flows) = (AslFlow){.express = p->rules->express};
    out->next = out->otherwise = -1;
    asl_parse_state(p, &m, member, out);
    p->flows.p[0].states = out;
    p->flows.p[0].n = 1;
}

static const Str top_fields[] = {
    {"Comment", 7}, {"StartAt", 7},         {"States", 6},
    {"Version", 7}, {"TimeoutSeconds", 14}, {"QueryLanguage", 13},
};

static void parse_top(AslParser *p, const Json *v, AslDefinition *def)
{
    for (int32_t i = 0; i < json_count(v); i++) {
        bool known = false;
        for (int k = 0; k < countof(top_fields); k++)
            known |= str_eq(v->members[i].key, top_fields[k]);
        if (!known) asl_parse_unsupported(p, S("/"), v->members[i].key);
    }
    const Json *language = json_get(v, S("QueryLanguage")),
               *timeout = json_get(v, S("TimeoutSeconds"));
    bool jsonata = str_eq(json_text(language), S("JSONata"));
    if (language && !jsonata && !str_eq(json_text(language), S("JSONPath")))
        asl_parse_error(
            p, S("/QueryLanguage"),
            S("The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]"));
    int64_t seconds = 0;
    if (timeout && (!json_to_int(timeout, &seconds) || seconds < 1 || seconds > 99999999))
        asl_parse_error(p, S("/TimeoutSeconds"), S("The value should be a positive integer"));
    def->timeout_seconds = (int32_t)seconds;
    def->comment = json_text(json_get(v, S("Comment")));
    p->modern |= jsonata;
    asl_parse_flow(p, v, S(""), jsonata, jsonata, p->rules->express, S(""));
}

/* The context object is made only for machines that can see it: by $$, or as $states.context, or
 * as a part of $states as a whole. An escape could hide any of these. */
static bool reads_context(Str text)
{
    if (str_find(text, S("$$")) >= 0 || str_find(text, S("context")) >= 0 ||
        str_find(text, S("\\u")) >= 0)
        return true;
    for (int64_t at; (at = str_find(text, S("$states"))) >= 0;) {
        text = str_slice(text, at + 7, text.n);
        if (!str_starts(text, S(".input")) && !str_starts(text, S(".result")) &&
            !str_starts(text, S(".errorOutput")))
            return true;
    }
    return false;
}

bool asl_parse(Str text, const AslRules *rules, Arena *program, AslDiagnostics *found,
               const AslDefinition **out)
{
    AslParser p = {.a = program, .rules = rules, .found = found};
    AslDefinition *def = new (program, AslDefinition);
    Json v;
    Error err = {0};
    if (text.n > ASL_DEFINITION_BYTES_MAX) {
        asl_parse_error(&p, S("/"), S("The definition is longer than 1048576 bytes"));
    } else if (!json_parse(text, program, &v, &err)) {
        asl_parse_report(&p, false, "INVALID_JSON_DESCRIPTION", (Str){0},
                         str_copy(program, error_text(&err)));
    } else if (!json_is(&v, JSON_OBJECT)) {
        asl_parse_report(&p, false, "INVALID_JSON_DESCRIPTION", (Str){0},
                         S("The definition must be a JSON object"));
    } else if (rules->single_state) {
        parse_single(&p, &v);
    } else {
        parse_top(&p, &v, def);
    }
    def->flows = p.flows.p;
    def->flows_n = (int32_t)p.flows.n;
    def->modern = p.modern;
    def->context = reads_context(text);
    if (!p.broken) *out = def;
    return !p.broken;
}

Str asl_diagnostics_text(Arena *a, const AslDiagnostics *found)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < found->n; i++) {
        const AslDiagnostic *d = &found->p[i];
        if (d->warning) continue;
        buf_printf(&b, "%s%.*s: %.*s", b.n ? ", " : "", STR(d->code), STR(str_trim(d->message)));
        buf_printf(&b, " at %.*s", STR(d->location.n ? d->location : S("null")));
    }
    return buf_str(&b);
}

Str asl_comment(const AslDefinition *def)
{
    return def->comment;
}
int32_t asl_timeout_seconds(const AslDefinition *def)
{
    return def->timeout_seconds;
}

int32_t asl_flow_of(const AslDefinition *def, Str map_state_name)
{
    for (int32_t i = 1; i < def->flows_n; i++)
        if (str_eq(def->flows[i].name, map_state_name)) return i;
    return -1;
}

bool asl_flow_express(const AslDefinition *def, int32_t flow)
{
    return def->flows[flow].express;
}
