/* stacks_check.c - what the disk may hold of stacks: nothing that nobody records, and each stack as its answers promised. */
#include "look.h"
#include "stacks.h"

/* ---- at any moment ---- */

/* Whether a row r of stack_resource has a thing: `id` is how its physical id ends. */
#define THERE "r.status NOT IN ('DELETE_COMPLETE', 'DELETE_SKIPPED') AND r.physical"
#define OLD   "json_extract(r.old, '$.replaced') AND json_extract(r.old, '$.physical')"
#define EARLIER                                                                                    \
    "FROM stack_resource r, json_each(r.old, '$.earlier') o WHERE json_extract(o.value, "          \
    "'$.physical')"
#define RECORDED(id)                                                                               \
    "(SELECT count(*) FROM stack_resource r WHERE " THERE " LIKE " id                              \
    ") + (SELECT count(*) FROM stack_resource r WHERE " OLD " LIKE " id                            \
    ") + (SELECT count(*) " EARLIER " LIKE " id ")"

static const struct {
    const char *sql, *what;
} always[] = {
    {"SELECT name FROM queue t WHERE name <> 'custom' AND " RECORDED("'%/' || t.name") " <> 1",
     "a queue is not recorded once"},
    {"SELECT name FROM parameter t WHERE " RECORDED("t.name") " <> 1",
     "a parameter is not recorded once"},
    {"SELECT name FROM log_group t WHERE " RECORDED("t.name") " <> 1",
     "a log group is not recorded once"},
    {"SELECT name FROM topic t WHERE name <> 'custom' AND " RECORDED("'%:' || t.name") " <> 1",
     "a topic is not recorded once"},
    {"SELECT name FROM stack t WHERE deleted = 0 AND facts LIKE '%ParentId%' AND " RECORDED(
         "t.id") " <> 1",
     "a nested stack is not recorded once"},
    {"SELECT r.physical FROM stack_resource r WHERE " THERE
     " IS NOT NULL AND type = 'AWS::SQS::Queue' AND NOT EXISTS(SELECT 1 FROM queue t WHERE "
     "r.physical LIKE '%/' || t.name)",
     "a recorded queue is not there"},
    {"SELECT r.physical FROM stack_resource r WHERE " THERE
     " IS NOT NULL AND type = 'AWS::SSM::Parameter' AND NOT EXISTS(SELECT 1 FROM parameter t WHERE "
     "r.physical = t.name)",
     "a recorded parameter is not there"},
    {"SELECT r.physical FROM stack_resource r WHERE " THERE
     " IS NOT NULL AND type = 'AWS::Logs::LogGroup' AND NOT EXISTS(SELECT 1 FROM log_group t WHERE "
     "r.physical = t.name)",
     "a recorded log group is not there"},
    {"SELECT r.physical FROM stack_resource r WHERE " THERE
     " IS NOT NULL AND type = 'AWS::SNS::Topic' AND NOT EXISTS(SELECT 1 FROM topic t WHERE "
     "r.physical LIKE '%:' || t.name)",
     "a recorded topic is not there"},
    {"SELECT name || ' ' || status FROM stack s WHERE status LIKE '%_IN_PROGRESS' AND status <> "
     "'REVIEW_IN_PROGRESS' AND NOT EXISTS(SELECT 1 FROM timer WHERE kind = 'stack-resource' AND "
     "subject LIKE s.n || '/%') AND NOT EXISTS(SELECT 1 FROM stack_resource r WHERE r.stack = s.n "
     "AND waiting)",
     "nothing will ever go on with a stack"},
    {"SELECT s.name || ' ' || s.status FROM stack s WHERE s.status <> (SELECT e.status FROM "
     "stack_event e WHERE e.stack = s.n AND e.physical = s.id ORDER BY e.n DESC LIMIT 1)",
     "the last event of a stack is not its status"},
    {"SELECT s.name || ' ' || s.status FROM stack s WHERE s.status <> (SELECT c.to_state FROM "
     "changed c WHERE c.service = 'stack' AND c.id = s.id ORDER BY c.n DESC LIMIT 1)",
     "the last change of a stack is not its status"},
    {"SELECT r.name || ' ' || r.status FROM stack_resource r WHERE r.status <> (SELECT e.status "
     "FROM stack_event e WHERE e.stack = r.stack AND e.name = r.name AND (r.physical IS NULL OR "
     "coalesce(e.physical, '') IN ('', r.physical)) ORDER BY e.n DESC LIMIT 1)",
     "the last event of a resource is not its status"},
    {"SELECT name || ' ' || physical FROM stack_event WHERE status IN ('CREATE_COMPLETE', "
     "'DELETE_COMPLETE') AND type <> 'AWS::CloudFormation::Stack' AND physical NOT LIKE '%x-_-_-%' "
     "GROUP BY stack, name, physical, status HAVING count(*) > 1",
     "a resource was made or removed twice"},
    {"SELECT name FROM stack s WHERE status NOT LIKE '%_IN_PROGRESS' AND (EXISTS(SELECT 1 FROM "
     "timer WHERE kind = 'stack-timeout' AND subject = '' || s.n) OR EXISTS(SELECT 1 FROM "
     "stack_resource r WHERE r.stack = s.n AND (waiting OR status LIKE '%_IN_PROGRESS')))",
     "a stack at rest has resources that are not"},
    {"SELECT name FROM stack s WHERE deleted <> 0 AND (status <> 'DELETE_COMPLETE' OR "
     "EXISTS(SELECT 1 FROM stack_resource r WHERE r.stack = s.n AND " THERE " IS NOT NULL))",
     "a deleted stack still has something"},
    {"SELECT x.name || '=' || x.value FROM stack_export x JOIN stack s ON s.n = x.stack WHERE "
     "s.deleted <> 0 OR s.outputs NOT LIKE '%\"' || x.value || '\"%'",
     "an export is not an output of its stack"},
};

void stacks_inspect(void)
{
    if (world.broken || !look_open()) return;
    for (int i = 0; i < countof(always); i++) look_none(always[i].sql, always[i].what);
    look_close();
}

/* ---- at rest ---- */

/* What the services have: of parameters what comes before what they refer to. */
#define VALUE                                                                                      \
    "CASE r.type WHEN 'AWS::SSM::Parameter' THEN (SELECT substr(v.value || '-', 1, instr(v.value " \
    "|| '-', '-') - 1) FROM parameter p JOIN parameter_version v ON v.parameter = p.n AND "        \
    "v.version = p.latest WHERE p.name = r.physical) WHEN 'AWS::SQS::Queue' THEN (SELECT "         \
    "json_extract(attributes, '$.VisibilityTimeout') FROM queue WHERE r.physical LIKE '%%/' || "   \
    "name) WHEN 'AWS::Logs::LogGroup' THEN (SELECT retention_days FROM log_group WHERE name = "    \
    "r.physical) WHEN 'AWS::SNS::Topic' THEN (SELECT json_extract(attributes, '$.DisplayName') "   \
    "FROM topic WHERE r.physical LIKE '%%:' || name) WHEN 'AWS::CloudFormation::Stack' THEN "      \
    "(SELECT json_extract(outputs, '$[0].OutputValue') FROM stack c WHERE c.id = r.physical AND "  \
    "c.deleted = 0) ELSE json_extract(r.properties, '$.Value') END"

/* It may end otherwise than well. A server that does not come up can miss the time in which a
 * custom resource has to be answered. */
static bool may_fail(const Try *t)
{
    return t->cancelled || t->keep || shape_is_bad(&t->shape) || shape_is_slow(&t->shape) ||
           (aws_disk_fails() &&
            (shape_has(&t->shape, PART_NESTED) || shape_has(&t->shape, PART_CUSTOM)));
}

static int try_of(const Stack *x, int64_t version)
{
    for (int i = 0; i < x->n; i++)
        if (x->tries[i].kind != TRY_DELETE && x->tries[i].shape.version == version) return i;
    return -1;
}

static void check_absent(int stack)
{
    const Stack *x = stacks_get(stack);
    bool could = true;
    for (int i = 0; i < x->n; i++) {
        const Try *t = &x->tries[i];
        if (t->fate == FATE_YES && t->kind == TRY_CREATE) could = false;
        if (t->fate != FATE_NO && t->kind == TRY_DELETE) could = true;
    }
    promise(could, "s%d was created, not deleted, and is not there", stack);
}

/* What was acknowledged after that which stands. */
static void check_later(int stack, int standing, Str status)
{
    const Stack *x = stacks_get(stack);
    bool failed = false;
    for (int i = standing; i < x->n; i++) {
        const Try *t = &x->tries[i];
        if (t->fate != FATE_NO && t->kind != TRY_DELETE) failed |= may_fail(t);
        if (i == standing || t->fate != FATE_YES) continue;
        promise(t->kind != TRY_UPDATE || may_fail(t),
                "s%d is %.*s of version %d, and the update to %d was acknowledged", stack,
                STR(status), x->tries[standing].shape.version, t->shape.version);
        promise(t->kind != TRY_DELETE || str_starts(status, S("DELETE_FAILED")),
                "the deletion of s%d was acknowledged, and it is %.*s", stack, STR(status));
    }
    promise(failed || str_eq(status, S("CREATE_COMPLETE")) || str_eq(status, S("UPDATE_COMPLETE")),
            "s%d is %.*s, and nothing asked for can have failed", stack, STR(status));
    promise(!str_ends(status, S("COMPLETE")) || str_starts(status, S("ROLLBACK")) ||
                x->tries[standing].keep || !shape_is_bad(&x->tries[standing].shape),
            "s%d is %.*s of version %d, which cannot be made", stack, STR(status),
            x->tries[standing].shape.version);
}

static void check_part(int64_t row, int stack, const Shape *s, int part)
{
    char sql[1400];
    Arena a = {0};
    bool found = false;
    Str value = part_value(s, part, &a);
    snprintf(sql, sizeof sql,
             "SELECT " VALUE " FROM stack_resource r WHERE r.stack = %" PRId64
             " AND r.name = 'P%d' AND r.old IS NULL",
             row, part);
    for (Look l = look(sql); look_next(&l); found = true)
        promise(str_eq(str_from(look_text(&l, 0)), value),
                "P%d of s%d is %s, and version %d has %.*s", part, stack, look_text(&l, 0),
                s->version, STR(value));
    promise(found, "P%d of s%d is not there", part, stack);
    arena_free(&a);
}

static void check_parts(int64_t row, int stack, const Shape *s)
{
    char sql[200];
    int there = 0;
    for (int i = 0; i < PARTS_MAX; i++) {
        if (!s->parts[i].there) continue;
        check_part(row, stack, s, i);
        there++;
    }
    snprintf(
        sql, sizeof sql,
        "SELECT count(*) FROM stack_resource WHERE status <> 'DELETE_FAILED' AND stack = %" PRId64,
        row);
    promise(look_number(sql) == there, "s%d has %" PRId64 " resources, and version %d has %d",
            stack, look_number(sql), s->version, there);
}

static bool is_whole(Str status)
{
    return str_eq(status, S("CREATE_COMPLETE")) || str_eq(status, S("UPDATE_COMPLETE")) ||
           str_eq(status, S("UPDATE_ROLLBACK_COMPLETE"));
}

/* Rows of columns n, status, the version of the template, and that of the outputs. */
static void check_stack(int stack, const Look *l)
{
    Str status = str_from(look_text(l, 1));
    int64_t version = look_int(l, 2);
    int standing = try_of(stacks_get(stack), version);
    promise(standing >= 0 && stacks_get(stack)->tries[standing].fate != FATE_NO,
            "s%d has version %" PRId64 ", which nobody asked for", stack, version);
    if (world.broken) return;
    check_later(stack, standing, status);
    bool left_so = stacks_get(stack)->tries[standing].keep && str_starts(status, S("UPDATE_ROLL"));
    if (!is_whole(status) || left_so) return;
    promise(look_int(l, 3) == version && look_int(l, 4) == version,
            "s%d is of version %" PRId64 ", its output says %" PRId64 ", its export %" PRId64,
            stack, version, look_int(l, 3), look_int(l, 4));
    check_parts(look_int(l, 0), stack, &stacks_get(stack)->tries[standing].shape);
}

void stacks_check(void)
{
    char sql[500];
    stacks_inspect();
    if (world.broken || !look_open()) return;
    for (int i = 0; i < STACKS && !world.broken; i++) {
        bool found = false;
        snprintf(sql, sizeof sql,
                 "SELECT n, status, json_extract(text, '$.Description'), json_extract(outputs, "
                 "'$[0].OutputValue'), (SELECT value FROM stack_export x WHERE x.stack = s.n) FROM "
                 "stack s WHERE name = 's%d' AND deleted = 0",
                 i);
        for (Look l = look(sql); look_next(&l); found = true) check_stack(i, &l);
        if (!found) check_absent(i);
    }
    look_close();
}

void stacks_check_gone(void)
{
    static const char *const things[] = {
        "SELECT name FROM stack WHERE deleted = 0",
        "SELECT name FROM queue WHERE name <> 'custom'",
        "SELECT name FROM topic WHERE name <> 'custom'",
        "SELECT name FROM parameter",
        "SELECT name FROM log_group",
        "SELECT name FROM stack_export",
        "SELECT subject FROM timer WHERE kind IN ('stack-resource', 'stack-timeout')",
    };
    stacks_inspect();
    if (world.broken || !look_open()) return;
    for (int i = 0; i < countof(things); i++)
        look_none(things[i], "all stacks were deleted, and this is left");
    look_close();
}
