/* executions_definitions.c - parsed definitions, and how each is logged, kept for the revisions used last. */
#include "app/states/executions_inner.h"

static Kept *least_used(struct Executions *x)
{
    Kept *found = &x->kept[0];
    for (int i = 1; i < DEFINITIONS_KEPT; i++)
        if (x->kept[i].used < found->used) found = &x->kept[i];
    return found;
}

/* NULL: the text, which was accepted when it came, is not accepted by this version of the program.
 */
static const AslDefinition *parse(Server *s, Kept *k, int64_t revision, bool express)
{
    MachineRevision r;
    AslDiagnostics found = {0};
    arena_reset(&k->arena);
    *k = (Kept){.revision = revision, .arena = k->arena};
    if (!machine_revision_get(s->db, revision, &s->turn, &r)) {
        check(db_failed(s->db));
        k->revision = 0;
        return NULL;
    }
    k->logging = states_logging_read(&k->arena, r.logging);
    if (asl_parse(str_copy(&k->arena, r.definition), &(AslRules){.express = express}, &k->arena,
                  &found, &k->def))
        return k->def;
    log_error(s, "definition-refused", "revision=%" PRId64 " error=\"%.*s\"", revision,
              STR(asl_diagnostics_text(&s->turn, &found)));
    k->revision = 0;
    return k->def = NULL;
}

/* Of a revision whose definition has just been used. */
const StatesLogging *executions_logging(const Server *s, int64_t revision)
{
    const struct Executions *x = s->executions;
    for (int i = 0; i < DEFINITIONS_KEPT; i++)
        if (x->kept[i].revision == revision) return &x->kept[i].logging;
    return NULL;
}

static const AslDefinition *definition_of(Server *s, int64_t revision, bool express)
{
    struct Executions *x = s->executions;
    Kept *k = NULL;
    for (int i = 0; i < DEFINITIONS_KEPT && !k; i++)
        if (x->kept[i].revision == revision) k = &x->kept[i];
    const AslDefinition *def = k ? k->def : parse(s, k = least_used(x), revision, express);
    k->used = ++x->uses;
    return def;
}

/* A Map Run's child runs by the definition of its parent, which is none of an Express workflow. */
const AslDefinition *executions_definition(Server *s, const ExecutionRow *row)
{
    bool express = row->asl.id.express && str_absent(row->asl.id.map_run_arn);
    return definition_of(s, row->revision, express);
}
