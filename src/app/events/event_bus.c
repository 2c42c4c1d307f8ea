/* event_bus.c - rules in memory, events matched against them, and the inputs of their targets. */
#include "app/events/event_bus.h"

#include "app/events/archives.h"
#include "app/events/deliveries.h"
#include "app/watch/meter.h"
#include "app/zones.h"
#include "core/event/context.h"
#include "core/event/index.h"
#include "core/event/transform.h"
#include "core/when/when.h"
#include "store/changes.h"
#include "store/timers.h"

typedef struct KeptBus {
    Arena arena;
    int64_t bus, revision; /* bus 0: free */
    EventRuleRow *rules;   /* enabled, with a pattern */
    int32_t n;
    EventIndex *index;
    EventArchiveRow *archives;
    Json *archive_patterns; /* null: all events */
    int64_t archives_n;
} KeptBus;

struct EventBuses {
    KeptBus kept[EVENT_BUSES_KEPT];
    int next;
};

void event_bus_close(Server *s)
{
    if (!s->event_buses) return;
    for (int i = 0; i < EVENT_BUSES_KEPT; i++) arena_free(&s->event_buses->kept[i].arena);
    free(s->event_buses);
    s->event_buses = NULL;
}

Str event_bus_arn(Arena *a, const EventBusRow *bus)
{
    return str_printf(a, "arn:aws:events:%.*s:%.*s:event-bus/%.*s", STR(bus->region),
                      STR(bus->account), STR(bus->name));
}

Str event_rule_arn(Arena *a, const EventBusRow *bus, Str rule)
{
    bool own = str_eq(bus->name, S("default"));
    return str_printf(a, "arn:aws:events:%.*s:%.*s:rule/%.*s%s%.*s", STR(bus->region),
                      STR(bus->account), STR(own ? S("") : bus->name), own ? "" : "/", STR(rule));
}

/* ---- buses ---- */

/* Chance, not a count: a change that is undone leaves no number behind that comes again. */
static int64_t new_revision(Server *s)
{
    int64_t n;
    loop_random(s->loop, &n, sizeof n);
    return n & INT64_MAX;
}

void event_bus_default(Server *s, Str account, Str region, EventBusRow *out)
{
    if (event_bus_find(s->db, account, region, S("default"), &s->turn, out)) return;
    *out = (EventBusRow){.account = account,
                         .region = region,
                         .name = S("default"),
                         .config = S("{}"),
                         .tags = S("[]"),
                         .created = s->now,
                         .modified = s->now,
                         .revision = new_revision(s)};
    event_bus_add(s->db, out);
}

void event_bus_changed(Server *s, int64_t bus)
{
    event_bus_set_revision(s->db, bus, new_revision(s));
}

/* ---- rules in memory ---- */

static void load_archives(Server *s, KeptBus *k)
{
    Error err = {0};
    k->archives_n = event_archive_of_bus(s->db, k->bus, ARCHIVES_MAX, &k->arena, &k->archives);
    k->archive_patterns = new_array(&k->arena, Json, k->archives_n ? k->archives_n : 1);
    for (int64_t i = 0; i < k->archives_n; i++)
        if (k->archives[i].pattern.n)
            check(json_parse(k->archives[i].pattern, &k->arena, &k->archive_patterns[i], &err));
}

static void load(Server *s, KeptBus *k, const EventBusRow *bus)
{
    EventRuleRow *all;
    Error err = {0};
    arena_reset(&k->arena);
    *k = (KeptBus){.arena = k->arena, .bus = bus->n, .revision = bus->revision};
    int64_t n =
        event_rule_list(s->db, bus->n, (Str){0}, (Str){0}, EVENT_RULES_MAX, &k->arena, &all);
    Json *patterns = new_array(&k->arena, Json, n ? n : 1);
    k->rules = all;
    for (int64_t i = 0; i < n; i++) {
        bool wanted = all[i].pattern.n && !str_eq(all[i].state, S("DISABLED"));
        if (!wanted || !json_parse(all[i].pattern, &k->arena, &patterns[k->n], &err)) continue;
        k->rules[k->n++] = all[i];
    }
    k->index = event_index_new(&k->arena, patterns, k->n);
    load_archives(s, k);
    if (db_failed(s->db)) k->bus = 0;
}

static const KeptBus *kept_of(Server *s, const EventBusRow *bus)
{
    if (!s->event_buses) s->event_buses = calloc(1, sizeof *s->event_buses);
    struct EventBuses *b = s->event_buses;
    check(b);
    KeptBus *free_one = NULL;
    for (int i = 0; i < EVENT_BUSES_KEPT; i++) {
        KeptBus *k = &b->kept[i];
        if (k->bus == bus->n && k->revision == bus->revision) return k;
        if (k->bus == bus->n || (!k->bus && !free_one)) free_one = k;
    }
    if (!free_one) {
        free_one = &b->kept[b->next];
        b->next = (b->next + 1) % EVENT_BUSES_KEPT;
    }
    load(s, free_one, bus);
    return free_one;
}

/* ---- targets ---- */

typedef struct Matched {
    const EventBusRow *bus;
    Str rule_name, rule_arn;
    int64_t rule;
    const Json *event;
} Matched;

/* From bus to bus an event goes in an event of its own: what leads in a circle cannot hold the
 * turn. */
static void send_one(Server *s, const Matched *m, const EventTargetRow *row)
{
    Json target;
    TargetArn arn;
    Error err = {0};
    check(json_parse(row->target, &s->turn, &target, &err));
    TransformSource source = {m->event, m->rule_arn, m->rule_name, s->now};
    DeliveryRow d = {.kind = S("rule"),
                     .account = m->bus->account,
                     .region = m->bus->region,
                     .source_arn = m->rule_arn,
                     .target = row->target,
                     .input = transform_input(&s->turn, &target, &source),
                     .at = s->now};
    if (target_arn(row->arn, &arn) && str_eq(arn.service, S("events")))
        delivery_send_later(s, &d);
    else
        delivery_send(s, &d, &target);
}

static void send_all(Server *s, const Matched *m)
{
    EventTargetRow *rows;
    int64_t n =
        event_target_list(s->db, m->rule, (Str){0}, EVENT_RULE_TARGETS_MAX, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++) send_one(s, m, &rows[i]);
}

static void count_matched(Server *s, const Matched *m)
{
    Meter meter = delivery_meter(s, S("rule"), m->rule_arn);
    meter_count(s, &meter, "MatchedEvents");
    meter_count(s, &meter, "TriggeredRules");
}

/* What is replayed was archived. */
static void archive(Server *s, const KeptBus *k, const Json *event)
{
    if (!k->archives_n || json_get(event, S("replay-name"))) return;
    for (int64_t i = 0; i < k->archives_n; i++) {
        const Json *pattern = &k->archive_patterns[i];
        if (pattern->type == JSON_NULL || pattern_matches(pattern, event, &s->turn))
            archive_event(s, &k->archives[i], event);
    }
}

static bool names(const Json *list, Str wanted)
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (str_eq(json_text(&list->items[i]), wanted)) return true;
    return false;
}

/* A target may change rules in its turn; what is kept would go from under the loop. */
void event_put_to(Server *s, const EventBusRow *bus, const Json *event, const Json *rules)
{
    int32_t *found;
    const KeptBus *k = kept_of(s, bus);
    int32_t n = event_index_find(k->index, event, &s->turn, &found);
    archive(s, k, event);
    Matched *all = new_array(&s->turn, Matched, n ? n : 1);
    int32_t wanted = 0;
    for (int32_t i = 0; i < n; i++) {
        const EventRuleRow *r = &k->rules[found[i]];
        Str name = str_copy(&s->turn, r->name);
        Str arn = event_rule_arn(&s->turn, bus, name);
        if (rules && !names(rules, arn)) continue;
        all[wanted++] = (Matched){bus, name, arn, r->n, event};
    }
    n = wanted;
    for (int32_t i = 0; i < n; i++) count_matched(s, &all[i]);
    for (int32_t i = 0; i < n; i++) send_all(s, &all[i]);
}

void event_put(Server *s, const EventBusRow *bus, const Json *event)
{
    event_put_to(s, bus, event, NULL);
}

/* ---- events ---- */

Json event_build(Server *s, const EventEmit *e, Str *id)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a};
    JsonArray none = {.a = a};
    *id = server_new_uuid(s, a);
    json_put_text(&o, S("version"), S("0"));
    json_put_text(&o, S("id"), *id);
    json_put_text(&o, S("detail-type"), e->type);
    json_put_text(&o, S("source"), e->source);
    json_put_text(&o, S("account"), e->account.n ? e->account : s->config.account);
    json_put_text(&o, S("time"), context_time(a, e->at ? e->at : s->now));
    json_put_text(&o, S("region"), e->region.n ? e->region : S("us-east-1"));
    json_put(&o, S("resources"), e->resources ? *e->resources : json_array(&none));
    json_put(&o, S("detail"), *e->detail);
    return json_object(&o);
}

void event_emit(Server *s, const EventEmit *e)
{
    Str id;
    EventBusRow bus;
    Str account = e->account.n ? e->account : s->config.account,
        region = e->region.n ? e->region : S("us-east-1");
    if (!event_bus_find(s->db, account, region, S("default"), &s->turn, &bus)) return;
    Json event = event_build(s, e, &id);
    event_put(s, &bus, &event);
}

/* ---- rules by time ---- */

void event_rule_plan(Server *s, EventRuleRow *row)
{
    When w;
    Error err = {0};
    bool wanted = row->expression.n && !str_eq(row->state, S("DISABLED"));
    if (!wanted || !when_parse(row->expression, WHEN_RULE, &w, &err) ||
        !when_next(&w, zone_named(s, S("UTC")), row->created, s->now, &row->slot))
        row->slot = -1;
}

void event_rules_set_timer(Server *s)
{
    Millis next = event_rule_next(s->db);
    if (next == INT64_MAX)
        timer_clear(s->db, EVENT_RULE_TIMER, S(""));
    else
        timer_set(s->db, EVENT_RULE_TIMER, S(""), next);
}

/* The same rule for times that were missed as for schedules; a rule has no age of its own. */
static bool too_old(Server *s, const EventRuleRow *row)
{
    Millis late = s->now - row->slot;
    return late > (s->config.catch_up == CATCH_UP_NONE ? (Millis)EVENT_RULE_LATE_MS
                                                       : DELIVERY_AGE_S_DEFAULT * (Millis)1000);
}

static void record_skipped(Server *s, Str arn, Millis first, Millis last, int64_t count)
{
    Arena *a = &s->turn;
    JsonObject o = {.a = a};
    if (!count) return;
    json_put_text(&o, S("first"), context_time(a, first));
    json_put_text(&o, S("last"), context_time(a, last));
    json_put(&o, S("count"), json_int(a, count));
    Json message = json_object(&o);
    change_add(s->db, &(Change){.service = S("rule"),
                                .id = arn,
                                .to = S("SKIPPED"),
                                .message = json_to_str(a, &message),
                                .at = s->now});
    log_recorded(s, "rule-skipped", "rule=%.*s first=%.*s last=%.*s count=%" PRId64, STR(arn),
                 STR(context_time(a, first)), STR(context_time(a, last)), count);
}

/* false: the slot in the row is not to fire any more, and has been recorded. */
static bool make_up(Server *s, EventRuleRow *row, const When *w, Str arn)
{
    Millis next, first = row->slot, last = row->slot;
    int64_t n = 0;
    if (s->now - row->slot <= EVENT_RULE_LATE_MS) return true;
    const Zone *utc = zone_named(s, S("UTC"));
    while (s->config.catch_up != CATCH_UP_ALL &&
           when_next(w, utc, row->created, row->slot, &next) && next <= s->now) {
        last = row->slot;
        row->slot = next;
        n++;
        if (n == EVENT_RULE_MISSED_MAX && row->slot < s->now - EVENT_RULE_MISSED_MS)
            row->slot = s->now - EVENT_RULE_MISSED_MS;
    }
    bool old = too_old(s, row);
    record_skipped(s, arn, first, old ? row->slot : last, n + old);
    return !old;
}

static void fire_matched(Server *s, const Matched *m)
{
    Meter meter = delivery_meter(s, S("rule"), m->rule_arn);
    meter_count(s, &meter, "TriggeredRules");
    send_all(s, m);
}

static void fire_slot(Server *s, const EventBusRow *bus, const EventRuleRow *row, Str arn)
{
    Str id;
    Arena *a = &s->turn;
    JsonArray resources = {.a = a};
    Json detail = {.type = JSON_OBJECT};
    json_add(&resources, json_string(arn));
    Json list = json_array(&resources);
    Json event = event_build(s,
                             &(EventEmit){.source = S("aws.events"),
                                          .type = S("Scheduled Event"),
                                          .account = bus->account,
                                          .region = bus->region,
                                          .detail = &detail,
                                          .resources = &list,
                                          .at = row->slot},
                             &id);
    fire_matched(s, &(Matched){bus, row->name, arn, row->n, &event});
}

static void fire(Server *s, EventRuleRow *row)
{
    When w;
    EventBusRow bus;
    Error err = {0};
    check(event_bus_get(s->db, row->bus, &s->turn, &bus) || db_failed(s->db));
    if (db_failed(s->db)) return;
    Str arn = event_rule_arn(&s->turn, &bus, row->name);
    bool good = when_parse(row->expression, WHEN_RULE, &w, &err);
    if (good && make_up(s, row, &w, arn)) fire_slot(s, &bus, row, arn);
    if (!good || !when_next(&w, zone_named(s, S("UTC")), row->created, row->slot, &row->slot))
        row->slot = -1;
    event_rule_set_slot(s->db, row->n, row->slot);
}

void event_rule_fire_due(Server *s, EventRuleRow *row)
{
    while (row->slot >= 0 && row->slot <= s->now && !db_failed(s->db)) fire(s, row);
}

void event_rules_due(Server *s, Str subject)
{
    EventRuleRow *rows;
    (void)subject;
    int64_t n = event_rule_due(s->db, s->now, EVENT_SLOTS_AT_ONCE, &s->turn, &rows);
    for (int64_t i = 0; i < n; i++) fire(s, &rows[i]);
    event_rules_set_timer(s);
}
