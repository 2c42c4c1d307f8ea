/* trail.c - calls as records of CloudTrail's shape: noted in memory, written with the turn that writes anyway. */
#include "app/watch/trail.h"

#include "app/access/authorize.h"
#include "app/turn.h"
#include "base/time.h"
#include "core/policy/actions.h"
#include "store/trail.h"

struct Trail {
    Arena arena; /* of what waits */
    TrailRow rows[TRAIL_WAITING_MAX];
    bool failed[TRAIL_WAITING_MAX]; /* of each: it was refused */
    int n;
    int mark;      /* what was there when the event under way began */
    int64_t noted; /* ever: part of an event's id */
};

void trail_open(Server *s)
{
    s->trail = calloc(1, sizeof *s->trail);
    check(s->trail);
}

void trail_close(Server *s)
{
    if (!s->trail) return;
    arena_free(&s->trail->arena);
    free(s->trail);
    s->trail = NULL;
}

/* ---- what is recorded ---- */

static bool begins_with_one(Str text, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (str_starts(text, str_from(words[i]))) return true;
    return false;
}

static bool reads_only(Str operation)
{
    static const char *const words[] = {"Get",    "List",     "Describe", "Head", "Lookup",
                                        "Filter", "Simulate", "Validate", "Test", "BatchGet"};
    return begins_with_one(operation, words, countof(words));
}

/* https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
 */
static bool is_data(Str service, Str operation, const Json *in)
{
    static const char *const calls[] = {
        "Invoke",        "SendMessage",     "ReceiveMessage", "DeleteMessage", "Publish",
        "PutLogEvents",  "FilterLogEvents", "GetLogEvents",   "PutEvents",     "PutMetricData",
        "GetMetricData", "ListObject",      "HeadBucket",     "DeleteObjects", "ChangeMessage"};
    bool object = str_eq(service, S("s3")) && json_get(in, S("Key"));
    return object || begins_with_one(operation, calls, countof(calls));
}

static bool is_recorded(const Call *call, Str service)
{
    if (call->admin || call->preflight || call->door || !call->route.operation) return false;
    if (call->server->config.enforce_auth) return true;
    Str operation = model_operation_name(call->route.operation);
    return !reads_only(operation) && !is_data(service, operation, &call->in);
}

/* ---- the record ---- */

/* RFC 9562 version 7, the time first and then a count: a later one is greater, so that the index of
 * them grows and is trimmed at its ends. Never the same twice, by the request's id. */
static Str event_id(Arena *a, const Call *call, int64_t number)
{
    uint64_t ms = (uint64_t)call->now, x = str_hash(call->request_id);
    return str_printf(a, "%08x-%04x-7%03x-8%03x-%012" PRIx64, (unsigned)(ms >> 16 & 0xffffffff),
                      (unsigned)(ms & 0xffff), (unsigned)(number & 0xfff),
                      (unsigned)(x >> 48 & 0xfff), x & 0xffffffffffff);
}

static void find_caller(const Call *call, Arena *a, Credential *c, Caller *out)
{
    Server *s = call->server;
    bool known = !str_absent(call->who.role) || !str_absent(call->who.service);
    if (known || call->who.credential)
        caller_of_identity(s, a, &call->who, out);
    else
        caller_of(s, a, call->who.account,
                  credential_find(s->db, call->who.access_key, a, c) ? c : NULL, out);
}

static Json identity_of(const Call *call, Arena *a, const Caller *who)
{
    JsonObject o = {.a = a}, context = {.a = a}, issuer = {.a = a};
    const PolicyPrincipal *p = &who->principal;
    json_put_text(&o, S("type"),
                  who->root                      ? S("Root")
                  : str_eq(who->type, S("User")) ? S("IAMUser")
                  : str_absent(who->type)        ? S("Unknown")
                                                 : who->type);
    json_put_text(&o, S("principalId"), p->id);
    json_put_text(&o, S("arn"), p->arn);
    json_put_text(&o, S("accountId"), p->account);
    json_put_text(&o, S("accessKeyId"), call->who.access_key);
    json_put_text(&o, S("userName"), who->username);
    json_put_text(&issuer, S("arn"), p->role_arn);
    json_put(&context, S("sessionIssuer"), json_object(&issuer));
    if (!str_absent(p->role_arn)) json_put(&o, S("sessionContext"), json_object(&context));
    json_put_text(&o, S("invokedBy"), str_absent(call->who.via) ? p->service : call->who.via);
    return json_object(&o);
}

/* Plain members only, and none that the model calls sensitive. */
static Json parameters_of(const Call *call, Arena *a)
{
    JsonObject o = {.a = a};
    const Service *service = call->route.service;
    const Shape *input = model_input(call->route.operation);
    for (int32_t i = 0; input && i < json_count(&call->in); i++) {
        const JsonMember *m = &call->in.members[i];
        const Member *member = model_member(service, input, m->key);
        bool plain = m->value.type < JSON_ARRAY && m->value.n <= TRAIL_VALUE_BYTES_MAX;
        if (plain && member && !(model_shape(service, member)->flags & SHAPE_IS_SENSITIVE))
            json_put(&o, m->key, m->value);
    }
    return json_object(&o);
}

static void put_outcome(const Call *call, const Fault *fault, JsonObject *o)
{
    JsonObject by = {.a = o->a};
    if (fault) json_put_text(o, S("errorCode"), fault->code);
    if (fault) json_put_text(o, S("errorMessage"), fault->message);
    json_put_text(&by, S("policy"), call->decided_by);
    json_put_text(&by, S("statement"), call->decided_sid);
    if (!str_absent(call->decided_by)) json_put(o, S("additionalEventData"), json_object(&by));
}

static Str record(const Call *call, Arena *a, const TrailRow *row, const Caller *who,
                  const Fault *fault, bool data)
{
    JsonObject o = {.a = a};
    json_put_text(&o, S("eventVersion"), S("1.11"));
    json_put(&o, S("userIdentity"), identity_of(call, a, who));
    json_put_text(&o, S("eventTime"), time_iso8601(a, call->now));
    json_put_text(&o, S("eventSource"), row->source);
    json_put_text(&o, S("eventName"), row->name);
    json_put_text(&o, S("awsRegion"), row->region);
    json_put_text(&o, S("userAgent"), http1_header(call->http, S("User-Agent")));
    put_outcome(call, fault, &o);
    json_put(&o, S("requestParameters"), parameters_of(call, a));
    json_put(&o, S("responseElements"), (Json){0});
    json_put_text(&o, S("requestID"), call->request_id);
    json_put_text(&o, S("eventID"), row->id);
    json_put(&o, S("readOnly"), json_bool(row->read_only));
    json_put_text(&o, S("eventType"), S("AwsApiCall"));
    json_put(&o, S("managementEvent"), json_bool(!data));
    json_put_text(&o, S("recipientAccountId"), row->account);
    json_put_text(&o, S("eventCategory"), data ? S("Data") : S("Management"));
    Json all = json_object(&o);
    return json_to_str(a, &all);
}

static Str name_of(const Caller *who)
{
    const PolicyPrincipal *p = &who->principal;
    if (who->root) return S("root");
    if (str_absent(p->arn)) return p->service;
    return str_slice(p->arn, str_rfind_char(p->arn, '/') + 1, p->arn.n);
}

static Str resource_of(const Call *call, Arena *a, Str service)
{
    ActionRequest r = {.service = service,
                       .signing =
                           model_text(call->route.service, call->route.service->signing_name),
                       .operation = model_operation_name(call->route.operation),
                       .in = &call->in,
                       .account = call->who.account,
                       .region = call->who.region};
    Str arn = action_resource(a, &r);
    return str_eq(arn, S("*")) ? (Str){0} : arn;
}

void trail_note(const Call *call, const Fault *fault)
{
    struct Trail *t = call->server->trail;
    Str service = model_text(call->route.service, call->route.service->name);
    Caller who;
    Credential c;
    if (!t || t->n == TRAIL_WAITING_MAX || !is_recorded(call, service)) return;
    Arena *a = &t->arena;
    t->failed[t->n] = fault != NULL;
    TrailRow *row = &t->rows[t->n++];
    find_caller(call, a, &c, &who);
    *row = (TrailRow){.at = call->now,
                      .id = event_id(a, call, t->noted++),
                      .account = str_copy(a, call->who.account),
                      .region = str_copy(a, call->who.region),
                      .name = model_operation_name(call->route.operation),
                      .source = str_printf(
                          a, "%.*s.amazonaws.com",
                          STR(model_text(call->route.service, call->route.service->signing_name))),
                      .username = str_copy(a, name_of(&who)),
                      .access_key = str_copy(a, call->who.access_key),
                      .resource = str_copy(a, resource_of(call, a, service)),
                      .read_only = reads_only(model_operation_name(call->route.operation))};
    row->event = record(call, a, row, &who, fault, is_data(service, row->name, &call->in));
}

/* ---- events ---- */

void trail_event_begins(Server *s)
{
    if (s->trail) s->trail->mark = s->trail->n;
}

/* What an undone event let others do has not happened; what it was refused it was. */
void trail_event_undone(Server *s)
{
    struct Trail *t = s->trail;
    int kept = t ? t->mark : 0;
    for (int i = kept; t && i < t->n; i++) {
        if (!t->failed[i]) continue;
        t->failed[kept] = true;
        t->rows[kept++] = t->rows[i];
    }
    if (t && kept < t->n) t->n = kept;
}

/* ---- writing ---- */

void trail_write(Server *s)
{
    struct Trail *t = s->trail;
    if (!t->n) return;
    for (int i = 0; i < t->n; i++) trail_add(s->db, &t->rows[i]);
    trail_trim(s->db, s->now - TRAIL_KEPT_MS);
    t->n = t->mark = 0;
    arena_reset(&t->arena);
}

/* Not an event of its own: what cannot be recorded has not happened, and the commit fails. */
void trail_turn(Server *s)
{
    if (s->trail && (db_dirty(s->db) || s->trail->n == TRAIL_WAITING_MAX)) trail_write(s);
}
