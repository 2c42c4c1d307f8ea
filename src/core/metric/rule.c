/* rule.c - composite alarm rules: parsed by descent, and evaluated. */
#include "core/metric/rule.h"

typedef struct Parser {
    Str text;
    int64_t at;
    int depth, elements;
    Arena *a;
    Rule *rule;
    Error *err;
} Parser;

static const RuleNode *fail(Parser *p, const char *why)
{
    if (!p->err->code)
        error_set(p->err, ERR_VALIDATION, "AlarmRule: %s at position %" PRId64, why, p->at + 1);
    return NULL;
}

static void skip_blanks(Parser *p)
{
    while (p->at < p->text.n && (p->text.p[p->at] == ' ' || p->text.p[p->at] == '\n' ||
                                 p->text.p[p->at] == '\t' || p->text.p[p->at] == '\r'))
        p->at++;
}

static bool take(Parser *p, const char *word)
{
    skip_blanks(p);
    Str rest = str_slice(p->text, p->at, p->text.n), w = str_from(word);
    if (!str_starts(rest, w)) return false;
    char next = rest.n > w.n ? rest.p[w.n] : ' ';
    bool letter = (next >= 'A' && next <= 'Z') || (next >= 'a' && next <= 'z') || next == '_';
    if (letter && w.p[0] >= 'A' && w.p[0] <= 'Z') return false;
    p->at += w.n;
    return true;
}

static const RuleNode *make(Parser *p, RuleNode node)
{
    if (++p->elements > RULE_ELEMENTS_MAX) return fail(p, "too many elements");
    RuleNode *n = new (p->a, RuleNode);
    *n = node;
    return n;
}

/* "arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME" */
static Str name_of(Str given)
{
    Str part, rest = given;
    if (!str_starts(given, S("arn:"))) return given;
    for (int i = 0; i < 6; i++)
        if (!str_cut(&rest, ':', &part)) return given;
    return rest;
}

static bool note(Parser *p, Str alarm)
{
    for (int64_t i = 0; i < p->rule->alarms.n; i++)
        if (str_eq(p->rule->alarms.p[i], alarm)) return true;
    if (p->rule->alarms.n == RULE_ALARMS_MAX) return fail(p, "too many alarms") != NULL;
    *vec_push(p->a, &p->rule->alarms) = alarm;
    return true;
}

static const RuleNode *state_of(Parser *p, const char *state)
{
    if (!take(p, "(")) return fail(p, "( is missing");
    skip_blanks(p);
    char quote = p->at < p->text.n ? p->text.p[p->at] : 0;
    bool quoted = quote == '"' || quote == '\'';
    int64_t from = p->at += quoted;
    while (p->at < p->text.n && p->text.p[p->at] != (quoted ? quote : ')')) p->at++;
    Str name = name_of(str_slice(p->text, from, p->at));
    if (!quoted) name = str_trim(name);
    if (quoted && p->at < p->text.n) p->at++;
    if (!name.n) return fail(p, "an alarm's name is missing");
    if (!take(p, ")")) return fail(p, ") is missing");
    if (!note(p, name)) return NULL;
    return make(p, (RuleNode){.kind = RULE_STATE, .state = str_from(state), .alarm = name});
}

static const RuleNode *any(Parser *p);

static const RuleNode *one(Parser *p)
{
    static const char *const states[] = {"ALARM", "OK", "INSUFFICIENT_DATA"};
    if (take(p, "TRUE")) return make(p, (RuleNode){.kind = RULE_TRUE});
    if (take(p, "FALSE")) return make(p, (RuleNode){.kind = RULE_FALSE});
    for (int i = 0; i < countof(states); i++)
        if (take(p, states[i])) return state_of(p, states[i]);
    if (!take(p, "(")) return fail(p, "a state, TRUE, FALSE or ( is expected");
    const RuleNode *inner = any(p);
    if (inner && !take(p, ")")) return fail(p, ") is missing");
    return inner;
}

static const RuleNode *negated(Parser *p)
{
    int nots = 0;
    while (take(p, "NOT"))
        if (++nots > RULE_DEPTH_MAX) return fail(p, "nested too deeply");
    const RuleNode *node = one(p);
    for (; node && nots; nots--) node = make(p, (RuleNode){.kind = RULE_NOT, .left = node});
    return node;
}

static const RuleNode *all(Parser *p)
{
    const RuleNode *left = negated(p);
    while (left && take(p, "AND")) {
        const RuleNode *right = negated(p);
        left = right ? make(p, (RuleNode){.kind = RULE_AND, .left = left, .right = right}) : NULL;
    }
    return left;
}

static const RuleNode *any(Parser *p)
{
    if (++p->depth > RULE_DEPTH_MAX) return fail(p, "nested too deeply");
    const RuleNode *left = all(p);
    while (left && take(p, "OR")) {
        const RuleNode *right = all(p);
        left = right ? make(p, (RuleNode){.kind = RULE_OR, .left = left, .right = right}) : NULL;
    }
    p->depth--;
    return left;
}

bool rule_parse(Str text, Arena *a, Rule *out, Error *err)
{
    Error why = {0};
    *out = (Rule){0};
    Parser p = {.text = text, .a = a, .rule = out, .err = &why};
    if (text.n > RULE_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "AlarmRule is longer than %d characters.",
                         RULE_BYTES_MAX);
    out->root = any(&p);
    skip_blanks(&p);
    if (out->root && p.at < text.n) out->root = fail(&p, "unexpected text");
    if (!out->root) return *err = why, false;
    return true;
}

bool rule_holds(const RuleNode *node, Str (*state)(void *owner, Str alarm), void *owner)
{
    switch (node->kind) {
    case RULE_TRUE: return true;
    case RULE_FALSE: return false;
    case RULE_STATE: return str_eq(state(owner, node->alarm), node->state);
    case RULE_NOT: return !rule_holds(node->left, state, owner);
    case RULE_AND:
        return rule_holds(node->left, state, owner) && rule_holds(node->right, state, owner);
    case RULE_OR:
        return rule_holds(node->left, state, owner) || rule_holds(node->right, state, owner);
    }
    unreachable();
}
