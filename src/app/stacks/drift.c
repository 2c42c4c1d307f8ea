/* drift.c - drift of stacks: each resource read as it is now, and compared with what its template says. */
#include "app/stacks/drift.h"

#include "app/stacks/stacks.h"
#include "core/stack/drift.h"
#include "core/stack/dynamic.h"
#include "store/timers.h"

#define STARS S("****")

static Json parsed(Str text, Arena *a, JsonType otherwise)
{
    Json v;
    Error none = {0};
    return !str_absent(text) && json_parse(text, a, &v, &none) ? v : (Json){.type = otherwise};
}

bool stack_drift_known(const ResourceType *type)
{
    return type->read != NULL;
}

/* ---- one resource ---- */

static Resource in_hand(Server *s, const StackRow *row, const StackResourceRow *r)
{
    Arena *a = &s->turn;
    Json facts = parsed(row->facts, a, JSON_OBJECT);
    const Json *tags = json_get(&facts, S("Tags"));
    return (Resource){
        .s = s,
        .a = a,
        .now = s->now,
        .account = row->account,
        .region = row->region,
        .who = stack_identity(row, a),
        .stack_id = row->id,
        .stack_name = row->name,
        .logical = r->name,
        .type = r->type,
        .doing = RESOURCE_UPDATES,
        .token = S(""),
        .tags = tags ? *tags : (Json){.type = JSON_ARRAY},
        .physical = r->physical,
        .properties = parsed(r->properties, a, JSON_OBJECT),
        .attributes = parsed(r->attributes, a, JSON_OBJECT),
        .kept = parsed(r->kept, a, JSON_NULL),
    };
}

/* Those that could be read; a property with a dynamic reference is not compared: it may be a
 * secret. */
static void comparable(Resource *r, const Json *read, Json *expected, Json *actual)
{
    JsonObject was = {.a = r->a}, is = {.a = r->a};
    for (int32_t i = 0; i < json_count(&r->properties); i++) {
        const JsonMember *m = &r->properties.members[i];
        const Json *now = json_get(read, m->key);
        if (!now || dynamic_present(&m->value)) continue;
        json_put(&was, m->key, m->value);
        if (!json_is(now, JSON_NULL)) json_put(&is, m->key, *now);
    }
    *expected = json_object(&was);
    *actual = json_object(&is);
}

static Str shown(Arena *a, const Json *v)
{
    if (!v) return S("null");
    return json_is(v, JSON_STRING) || json_is(v, JSON_NUMBER) ? json_text(v) : json_to_str(a, v);
}

/* A property that has a secret is not shown, whatever it has become. */
static bool is_hidden(const Json *expected, Str property, const StrVec *secrets, Arena *a)
{
    const Json *v = json_get(expected, property);
    Json masked = v ? stack_mask(v, secrets, a) : (Json){0};
    return v && !json_eq(v, &masked);
}

static Json visible(const Json *expected, const Json *properties, const StrVec *secrets, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(properties); i++) {
        const JsonMember *m = &properties->members[i];
        json_put(&o, m->key,
                 is_hidden(expected, m->key, secrets, a) ? json_string(STARS) : m->value);
    }
    return json_object(&o);
}

/* "/Policies/0/PolicyName": Policies */
static Str property_of(Str path)
{
    Str rest = str_slice(path, 1, path.n), first = {0};
    (void)str_cut(&rest, '/', &first);
    return first;
}

static Json differences_json(Arena *a, const DriftDifferences *all, const Json *expected,
                             const StrVec *secrets)
{
    JsonArray list = {.a = a};
    for (int64_t i = 0; i < all->n; i++) {
        JsonObject o = {.a = a};
        const DriftDifference *d = &all->p[i];
        bool hidden = is_hidden(expected, property_of(d->path), secrets, a);
        json_put_text(&o, S("PropertyPath"), d->path);
        json_put_text(&o, S("ExpectedValue"), hidden ? STARS : shown(a, d->expected));
        json_put_text(&o, S("ActualValue"), hidden ? STARS : shown(a, d->actual));
        json_put_text(&o, S("DifferenceType"), str_from(drift_kind_text(d->kind)));
        json_add(&list, json_object(&o));
    }
    return json_array(&list);
}

static void record(Server *s, StackResourceRow *r, JsonObject *found, const char *status)
{
    json_put_text(found, S("StackResourceDriftStatus"), str_from(status));
    json_put(found, S("Timestamp"), json_millis_as_seconds(found->a, s->now));
    Json v = json_object(found);
    r->drift = json_to_str(found->a, &v);
    stack_resource_set(s->db, r);
}

static void record_read(Server *s, const StrVec *secrets, StackResourceRow *r, Resource *thing,
                        const Json *read)
{
    Json expected, actual;
    DriftDifferences all = {0};
    JsonObject found = {.a = thing->a};
    comparable(thing, read, &expected, &actual);
    drift_compare(&expected, &actual, thing->a, &all);
    Json was = visible(&expected, &expected, secrets, thing->a);
    Json is = visible(&expected, &actual, secrets, thing->a);
    json_put_text(&found, S("ExpectedProperties"), json_to_str(thing->a, &was));
    json_put_text(&found, S("ActualProperties"), json_to_str(thing->a, &is));
    json_put(&found, S("PropertyDifferences"),
             differences_json(thing->a, &all, &expected, secrets));
    record(s, r, &found, all.n ? "MODIFIED" : "IN_SYNC");
}

static void record_gone(Server *s, const StrVec *secrets, StackResourceRow *r, Resource *thing)
{
    JsonObject found = {.a = thing->a};
    Json was = visible(&thing->properties, &thing->properties, secrets, thing->a);
    json_put_text(&found, S("ExpectedProperties"), json_to_str(thing->a, &was));
    record(s, r, &found, "DELETED");
}

static void record_unread(Server *s, StackResourceRow *r, Resource *thing, const Error *why)
{
    JsonObject found = {.a = thing->a};
    json_put_text(&found, S("DriftStatusReason"), str_copy(thing->a, error_text(why)));
    record(s, r, &found, "UNKNOWN");
}

static bool check_one(Server *s, const StackRow *row, const StrVec *secrets, StackResourceRow *r,
                      Error *err)
{
    Json read;
    Error why = {0};
    const ResourceType *type = resource_type_or_recorded(r->type);
    Resource thing = in_hand(s, row, r);
    check(stack_drift_known(type));
    switch (type->read(&thing, &read, &why)) {
    case RESOURCE_READ: record_read(s, secrets, r, &thing, &read); return true;
    case RESOURCE_GONE: record_gone(s, secrets, r, &thing); return true;
    case RESOURCE_UNREAD: break;
    default: unreachable();
    }
    record_unread(s, r, &thing, &why);
    *err = why;
    return false;
}

bool stack_drift_of(Server *s, const StackRow *row, StackResourceRow *r, Error *err)
{
    StrVec secrets = stack_secrets(s, row, true, &s->turn);
    return check_one(s, row, &secrets, r, err);
}

/* ---- the stack ---- */

static Str subject_of(Server *s, Str id)
{
    return str_copy(&s->turn, id);
}

StackDriftRow stack_drift_begin(Server *s, StackRow *row, const Json *names)
{
    StackDriftRow d = {
        .id = server_new_uuid(s, &s->turn),
        .stack = row->n,
        .status = S("DETECTION_IN_PROGRESS"),
        .names = names ? json_to_str(&s->turn, names) : (Str){0},
        .failed = S("[]"),
        .at = s->now,
        .acting = row->acting,
    };
    stack_drift_clear(s->db, row->n, s->now - STACK_DRIFT_KEPT_MS);
    stack_drift_set(s->db, &d);
    timer_set(s->db, S("stack-drift"), subject_of(s, d.id), s->now);
    return d;
}

static bool named(const Json *names, Str name)
{
    for (int32_t i = 0; i < json_count(names); i++)
        if (str_eq(json_text(&names->items[i]), name)) return true;
    return json_is(names, JSON_NULL);
}

static bool drifted(Arena *a, const StackResourceRow *r)
{
    Json found = parsed(r->drift, a, JSON_OBJECT);
    Str status = json_text(json_get(&found, S("StackResourceDriftStatus")));
    return str_eq(status, S("MODIFIED")) || str_eq(status, S("DELETED"));
}

static void set_stack_drift(Server *s, StackRow *row, Str status)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a}, drift = {.a = a};
    Json facts = parsed(row->facts, a, JSON_OBJECT);
    for (int32_t i = 0; i < facts.n; i++)
        if (!str_eq(facts.members[i].key, S("DriftInformation")))
            json_put(&o, facts.members[i].key, facts.members[i].value);
    json_put_text(&drift, S("StackDriftStatus"), status);
    json_put(&drift, S("LastCheckTimestamp"), json_millis_as_seconds(a, s->now));
    json_put(&o, S("DriftInformation"), json_object(&drift));
    facts = json_object(&o);
    row->facts = json_to_str(a, &facts);
    stack_row_set(s->db, row);
}

static void end(Server *s, StackRow *row, StackDriftRow *d, const StackResourceRow *rows, int64_t n)
{
    Json failed = parsed(d->failed, &s->turn, JSON_ARRAY);
    d->drifted = 0;
    for (int64_t i = 0; i < n; i++) d->drifted += drifted(&s->turn, &rows[i]);
    d->drift = d->drifted ? S("DRIFTED") : failed.n ? S("UNKNOWN") : S("IN_SYNC");
    d->status = failed.n ? S("DETECTION_FAILED") : S("DETECTION_COMPLETE");
    if (failed.n) {
        Str *names = new_array(&s->turn, Str, failed.n);
        for (int32_t i = 0; i < failed.n; i++) names[i] = json_text(&failed.items[i]);
        d->reason = str_printf(&s->turn, "Failed to detect drift on resources [%.*s]",
                               STR(str_join(&s->turn, names, failed.n, S(", "))));
    }
    set_stack_drift(s, row, d->drift);
}

static void look_at(Server *s, const StackRow *row, const StrVec *secrets, StackDriftRow *d,
                    StackResourceRow *r)
{
    Error why = {0};
    JsonArray failed = {.a = &s->turn};
    if (check_one(s, row, secrets, r, &why)) return;
    Json before = parsed(d->failed, &s->turn, JSON_ARRAY);
    for (int32_t i = 0; i < before.n; i++) json_add(&failed, before.items[i]);
    json_add(&failed, json_string(r->name));
    before = json_array(&failed);
    d->failed = json_to_str(&s->turn, &before);
}

/* Some resources in the order of their names; true: there are more. */
static bool look_at_some(Server *s, const StackRow *row, StackDriftRow *d, StackResourceRow *rows,
                         int64_t n)
{
    int seen = 0;
    Json names = parsed(d->names, &s->turn, JSON_NULL);
    StrVec secrets = stack_secrets(s, row, true, &s->turn);
    for (int64_t i = 0; i < n; i++) {
        StackResourceRow *r = &rows[i];
        bool behind = !str_absent(d->after) && str_cmp(r->name, d->after) <= 0;
        if (behind || !stack_resource_there(r) || !named(&names, r->name) ||
            !stack_drift_known(resource_type_or_recorded(r->type)))
            continue;
        if (seen++ == STACK_DRIFT_AT_ONCE) return true;
        look_at(s, row, &secrets, d, r);
        d->after = r->name;
    }
    return false;
}

void stack_drift_due(Server *s, Str subject)
{
    StackRow row, as;
    StackDriftRow d;
    StackResourceRow *rows;
    if (!stack_drift_get(s->db, subject, &s->turn, &d) ||
        !str_eq(d.status, S("DETECTION_IN_PROGRESS")) ||
        !stack_row_get(s->db, d.stack, &s->turn, &row))
        return;
    int64_t n = stack_resource_list(s->db, row.n, &s->turn, &rows);
    as = row;
    as.acting = d.acting;
    if (!stack_settled(&row)) {
        d.status = S("DETECTION_FAILED");
        d.reason = S("The stack is being changed.");
    } else if (look_at_some(s, &as, &d, rows, n)) {
        timer_set(s->db, S("stack-drift"), subject_of(s, d.id), s->now);
    } else {
        end(s, &row, &d, rows, n);
    }
    stack_drift_set(s->db, &d);
}
