/* parse.h - private to this folder: what the parser of definitions holds in its hands, and its parts. */
#pragma once
#include "core/asl/fields.h"

typedef struct AslParser {
    Arena *a;
    const AslRules *rules;
    AslDiagnostics *found;
    struct {
        AslFlow *p;
        int64_t n, cap;
    } flows;
    struct {
        Str *p;
        int64_t n, cap;
    } names; /* of all states, for duplicates */
    bool broken, modern;
    int depth;
} AslParser;

/* The machine a state belongs to, while it is parsed. */
typedef struct AslMachine {
    const Json *states;
    Str at;               /* "" or "/States/X/Branches[0]" */
    bool jsonata;         /* the default for its states */
    bool single;          /* a state on its own: transitions lead nowhere */
    bool express, strict; /* strict: the whole machine is JSONata, no state may fall back */
    bool *reached;
    bool has_end;
} AslMachine;

void asl_parse_error(AslParser *p, Str location, Str message);
void asl_parse_unsupported(AslParser *p, Str at, Str field); /* of the object there */
void asl_parse_report(AslParser *p, bool warning, const char *code, Str location, Str message);
Str asl_parse_below(AslParser *p, Str at, Str key);
Str asl_parse_item(AslParser *p, Str at, const char *key, int32_t i);
/* Index of the state `name` names, marked as reached; -1 with a diagnostic. */
int32_t asl_parse_target(AslParser *p, AslMachine *m, const Json *name, Str at);
bool asl_parse_require(AslParser *p, const Json *object, const char *const *keys, int n, Str at);
const AslExpr *asl_parse_expr(AslParser *p, const AslFieldRule *rule, const Json *v, bool jsonata,
                              Str at);
const AslExpr *asl_parse_named(AslParser *p, const Json *object, const char *name, AslForm form,
                               bool jsonata, Str at);

int32_t asl_parse_flow(AslParser *p, const Json *machine, Str at, bool jsonata, bool strict,
                       bool express, Str owner);
void asl_parse_state(AslParser *p, AslMachine *m, const JsonMember *member, AslState *out);
void asl_parse_task(AslParser *p, const AslMachine *m, const Json *v, Str at, AslState *out);
void asl_parse_retry_catch(AslParser *p, AslMachine *m, const Json *v, Str at, AslState *out);
void asl_parse_choices(AslParser *p, AslMachine *m, const Json *v, Str at, AslState *out);
