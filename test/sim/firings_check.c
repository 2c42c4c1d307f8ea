/* firings_check.c - the slots of every schedule and rule against what is in the queues, on the way, and recorded as skipped. */
#include "app/server.h"
#include "base/json.h"
#include "base/time.h"
#include "firings.h"
#include "look.h"

enum {
    FOUND_MAX = 16384,
    SKIPS_MAX = 65536,
    SLOTS_MAX = 8192,
    RANGES_MAX = 256,
    LATE_MS = 60 * 1000,
    SLACK_MS = 2000, /* a turn */
};

typedef enum Place { PLACE_QUEUE, PLACE_DEAD, PLACE_UNDERWAY } Place;

/* One firing, wherever it has come to. */
typedef struct Found {
    char who[8];
    int64_t g;
    Millis slot, sent;
    int64_t attempt; /* of a dead letter: retries made */
    Place place;
    bool aged; /* a dead letter: MaximumEventAgeInSeconds */
    bool known;
} Found;

typedef struct Skip {
    char who[8];
    Millis first, last, at;
    int64_t count;
} Skip;

/* A schedule as it was from one change to the next. */
typedef struct Range {
    char who[8];
    int64_t g;
    Spec spec;
    Millis from, to;
    bool last;
} Range;

static struct {
    Found found[FOUND_MAX];
    int64_t found_n;
    Skip skips[SKIPS_MAX];
    int64_t skips_n;
    Range ranges[RANGES_MAX];
    int64_t ranges_n;
    Millis slots[SLOTS_MAX];
    int64_t events[EVENTS_MAX][2]; /* how often each is at each of its targets */
    int catch_up;
} seen;

static void copy(char *out, size_t n, Str text)
{
    snprintf(out, n, "%.*s", STR(text));
}

static Millis time_of(Str text)
{
    Millis t = 0;
    check(time_parse_iso8601(text, &t));
    return t;
}

/* ---- what there is ---- */

static void found_event(const Json *n, bool flaky)
{
    int64_t i = json_int_or(n, -1);
    promise(i >= 0 && i < firings_events(), "an event nobody put");
    if (i >= 0 && i < firings_events()) seen.events[i][flaky]++;
}

static Found *add_found(Str body, Place place)
{
    Json v;
    Arena a = {0};
    Error err = {0};
    check(seen.found_n < FOUND_MAX && json_parse(body, &a, &v, &err));
    Found *f = &seen.found[seen.found_n++];
    Str t = json_text(json_get(&v, S("t")));
    *f = (Found){.g = json_int_or(json_get(&v, S("g")), -1), .place = place};
    copy(f->who, sizeof f->who, json_text(json_get(&v, S("s"))));
    if (!str_starts(t, S("<"))) f->slot = time_of(t);
    if (!str_to_int(json_text(json_get(&v, S("a"))), &f->attempt)) f->attempt = 1;
    arena_free(&a);
    return f;
}

/* Columns: body, sent, queue, the attributes of a dead letter. */
static void read_messages(void)
{
    Look l = look("SELECT m.body, m.sent, q.name, json_extract(m.attributes, "
                  "'$.SCHEDULED_TIME.StringValue'), json_extract(m.attributes, "
                  "'$.RETRY_ATTEMPTS.StringValue'), json_extract(m.attributes, "
                  "'$.EXHAUSTED_RETRY_CONDITION.StringValue'), json_extract(m.body, '$.n') FROM "
                  "message m JOIN queue q ON q.n = m.queue ORDER BY m.n");
    while (look_next(&l)) {
        Str body = str_from(look_text(&l, 0));
        bool dead = !strcmp(look_text(&l, 2), "dead");
        if (*look_text(&l, 6)) {
            Json n = json_string(str_from(look_text(&l, 6)));
            n.type = JSON_NUMBER;
            found_event(&n, dead || !strcmp(look_text(&l, 2), "flaky"));
            continue;
        }
        Found *f = add_found(body, dead ? PLACE_DEAD : PLACE_QUEUE);
        f->sent = look_int(&l, 1);
        if (!dead) continue;
        f->slot = time_of(str_from(look_text(&l, 3)));
        f->attempt = look_int(&l, 4);
        f->aged = !strcmp(look_text(&l, 5), "MaximumEventAgeInSeconds");
    }
}

static void read_underway(void)
{
    Look l = look("SELECT input, at, attempts, json_extract(input, '$.n'), kind FROM delivery");
    while (look_next(&l)) {
        if (*look_text(&l, 3)) {
            Json n = json_string(str_from(look_text(&l, 3)));
            n.type = JSON_NUMBER;
            found_event(&n, true);
            continue;
        }
        Found *f = add_found(str_from(look_text(&l, 0)), PLACE_UNDERWAY);
        f->slot = look_int(&l, 1);
        f->attempt = look_int(&l, 2);
    }
}

/* The last part of an ARN. */
static Str leaf(Str arn)
{
    int64_t at = str_rfind_char(arn, '/');
    return str_slice(arn, at + 1, arn.n);
}

static void read_skips(void)
{
    Look l = look("SELECT id, json_extract(message, '$.first'), json_extract(message, '$.last'), "
                  "json_extract(message, '$.count'), at FROM changed WHERE to_state = 'SKIPPED'");
    while (look_next(&l)) {
        check(seen.skips_n < SKIPS_MAX);
        Skip *s = &seen.skips[seen.skips_n++];
        *s = (Skip){.first = time_of(str_from(look_text(&l, 1))),
                    .last = time_of(str_from(look_text(&l, 2))),
                    .count = look_int(&l, 3),
                    .at = look_int(&l, 4)};
        copy(s->who, sizeof s->who, leaf(str_from(look_text(&l, 0))));
    }
}

/* ---- who was what when: by the record of the calls that changed it ---- */

static void end_range(const char *who, Millis at)
{
    for (int64_t i = 0; i < seen.ranges_n; i++) {
        Range *r = &seen.ranges[i];
        if (!strcmp(r->who, who) && r->last) r->to = at, r->last = false;
    }
}

static void begin_range(const char *who, int64_t g, const Spec *spec, Millis at)
{
    end_range(who, at);
    check(seen.ranges_n < RANGES_MAX);
    Range *r = &seen.ranges[seen.ranges_n++];
    *r = (Range){.g = g, .spec = *spec, .from = at, .to = world.now, .last = true};
    copy(r->who, sizeof r->who, str_from(who));
}

static void rule_changed(const char *who, const char *what, Millis at, Millis *created)
{
    int rule = who[1] - '0';
    Spec spec = *firings_rule(rule);
    if (!strcmp(what, "PutRule") && !created[rule]) created[rule] = at;
    spec.start = created[rule];
    if (!strcmp(what, "EnableRule")) begin_range(who, 0, &spec, at + 1); /* after it */
    if (!strcmp(what, "DisableRule")) end_range(who, at);
}

static void schedule_changed(const char *who, const char *what, int64_t g, Millis at, bool *known)
{
    const Spec *spec = firings_spec(g);
    if (!strcmp(what, "DeleteSchedule")) {
        end_range(who, at);
        return;
    }
    promise(spec, "%s has generation %" PRId64 ", which nobody asked for", who, g);
    if (!spec) return;
    promise(!known[g], "generation %" PRId64 " was made twice", g);
    promise(firings_fate(g) != FATE_NO, "generation %" PRId64 " was refused, and is there", g);
    known[g] = true;
    Spec copied = *spec;
    if (spec->kind == SPEC_RATE && !spec->start) copied.start = at;
    begin_range(who, g, &copied, at);
}

static void read_record(void)
{
    bool known[SPECS_MAX] = {0};
    Millis created[RULES] = {0};
    Look l =
        look("SELECT name, json_extract(event, '$.requestParameters.Name'), "
             "json_extract(event, '$.requestParameters.Description'), at FROM trail WHERE name "
             "IN ('CreateSchedule', 'UpdateSchedule', 'DeleteSchedule', 'PutRule', "
             "'EnableRule', 'DisableRule') AND json_extract(event, '$.errorCode') IS NULL "
             "ORDER BY n");
    while (look_next(&l)) {
        const char *what = look_text(&l, 0), *who = look_text(&l, 1);
        if (*who == 'r') rule_changed(who, what, look_int(&l, 3), created);
        if (*who == 's') schedule_changed(who, what, look_int(&l, 2), look_int(&l, 3), known);
    }
    for (int64_t g = 0; g < firings_generations(); g++)
        promise(known[g] || firings_fate(g) != FATE_YES,
                "generation %" PRId64 " was acknowledged, and nothing records it", g);
}

/* ---- slots ---- */

/* Slots are told in seconds; those of a rule's rate have the milliseconds of its making. */
static Millis told(Millis slot)
{
    return slot / 1000 * 1000;
}

static Found *found_at(const Range *r, Millis slot, int64_t *n)
{
    Found *found = NULL;
    *n = 0;
    for (int64_t i = 0; i < seen.found_n; i++) {
        Found *f = &seen.found[i];
        if (f->slot != told(slot) || f->g != r->g || strcmp(f->who, r->who) != 0) continue;
        f->known = true;
        found = f;
        ++*n;
    }
    return found;
}

static const Skip *skipped_at(const Range *r, Millis slot)
{
    for (int64_t i = 0; i < seen.skips_n; i++) {
        const Skip *s = &seen.skips[i];
        if (!strcmp(s->who, r->who) && s->at > slot + LATE_MS && s->first <= told(slot) &&
            told(slot) <= s->last && s->at >= r->from && s->at <= r->to)
            return s;
    }
    return NULL;
}

/* Attempts are made 1, 2, 4, ... seconds after one another, at most five minutes. */
static Millis pauses(int64_t attempt)
{
    Millis all = 0, pause = 1000;
    for (int64_t i = 1; i < attempt; i++) {
        all += pause < 300 * 1000 ? pause : 300 * 1000;
        pause *= 2;
    }
    return all;
}

/* Nothing has kept this world's server from its work: it lived only as often as a seed has parts.
 */
static bool undisturbed(void)
{
    enum { PARTS = 3 };
    return !world.crashes && world.lives <= PARTS && !aws_disk_fails();
}

static void check_retries(const Range *r, const Found *f)
{
    const Spec *s = &r->spec;
    bool timely = f->sent <= f->slot + s->age_s * (Millis)1000;
    if (*r->who == 'r') return;
    if (f->place == PLACE_QUEUE && !s->window_minutes && undisturbed())
        promise(f->sent <= f->slot + pauses(f->attempt) + SLACK_MS,
                "%s was tried more often than %" PRId64 " times for %" PRId64, r->who, f->attempt,
                f->slot);
    if (f->place == PLACE_QUEUE) {
        promise(s->target != TARGET_NONE, "%s reached a queue that is not there", r->who);
        promise(f->attempt <= s->retries + 1, "%s was tried %" PRId64 " times, of %d", r->who,
                f->attempt, s->retries + 1);
        promise(timely || f->slot + s->window_minutes * 60000 + LATE_MS >= f->sent,
                "%s of %" PRId64 " reached its target after %" PRId64 " ms, and %d s is its age",
                r->who, f->slot, f->sent - f->slot, s->age_s);
    } else if (f->place == PLACE_DEAD) {
        promise(s->target != TARGET_FIRED, "%s is a dead letter without a reason", r->who);
        promise(s->target == TARGET_FLAKY || f->attempt == 0, "%s was refused and tried again",
                r->who);
        promise(s->target == TARGET_NONE || f->aged || f->attempt == s->retries,
                "%s was given up after %" PRId64 " retries, of %d", r->who, f->attempt, s->retries);
    }
}

/* What --catch-up says of one that comes late. */
static void check_late(const Range *r, const Found *f, Millis next)
{
    Millis due = f->slot + r->spec.window_minutes * 60000;
    if (f->place != PLACE_QUEUE || f->attempt != 1 || f->sent <= due + LATE_MS + SLACK_MS) return;
    promise(seen.catch_up != CATCH_UP_NONE, "%s fired %" PRId64 " ms late", r->who, f->sent - due);
    promise(seen.catch_up != CATCH_UP_LAST || !next || next > f->sent,
            "%s fired for %" PRId64 " at %" PRId64 ", and %" PRId64 " was later", r->who, f->slot,
            f->sent, next);
}

static void check_slot(const Range *r, Millis slot, Millis next)
{
    int64_t n;
    Found *f = found_at(r, slot, &n);
    const Skip *skip = skipped_at(r, slot);
    Millis due_at_last = slot + r->spec.window_minutes * (Millis)60000;
    bool must = due_at_last < r->to - (r->last ? SLACK_MS : 0);
    promise(n <= 1, "%s fired %" PRId64 " times for its slot %" PRId64, r->who, n, slot);
    promise(!n || !skip, "%s fired for %" PRId64 ", which is recorded as skipped", r->who, slot);
    promise(n || skip || !must,
            "%s neither fired nor skipped %" PRId64 " (%" PRId64 " after the start, generation "
            "%" PRId64 ")",
            r->who, slot, slot - world.started_at, r->g);
    if (!f || world.broken) return;
    promise(f->place != PLACE_QUEUE || f->sent >= slot, "%s fired %" PRId64 " ms early", r->who,
            slot - f->sent);
    check_retries(r, f);
    check_late(r, f, next);
}

static void check_row(const Range *r, bool has_slots, bool over)
{
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM schedule WHERE name = '%s'", r->who);
    int64_t there = look_number(sql);
    bool at_once = r->spec.kind == SPEC_AT && has_slots && over;
    if (!r->last || *r->who == 'r') return;
    promise(there || r->spec.delete_after, "%s is gone", r->who);
    promise(there || has_slots, "%s was never due, and is gone", r->who);
    promise(!there || !at_once || !r->spec.delete_after, "%s has fired, and is still there",
            r->who);
}

static void check_range(const Range *r)
{
    int64_t n = spec_slots(&r->spec, r->from, r->to, seen.slots, SLOTS_MAX);
    Millis over = n ? seen.slots[n - 1] + r->spec.window_minutes * (Millis)60000 + SLACK_MS : 0;
    for (int64_t i = 0; i < n && !world.broken; i++)
        check_slot(r, seen.slots[i], i + 1 < n ? seen.slots[i + 1] : 0);
    check_row(r, n > 0, over < r->to);
}

/* Each record of skipped ones counts them right. */
static void check_skip(const Skip *s)
{
    for (int64_t i = 0; i < seen.ranges_n; i++) {
        const Range *r = &seen.ranges[i];
        if (strcmp(r->who, s->who) != 0 || s->at < r->from || s->at > r->to) continue;
        int64_t n = spec_slots(&r->spec, s->first, s->last + 999, seen.slots, SLOTS_MAX);
        if (n == s->count) return;
    }
    promise(false,
            "%s skipped %" PRId64 " slots from %" PRId64 " to %" PRId64 ", which is another number",
            s->who, s->count, s->first, s->last);
}

static void check_events(void)
{
    for (int64_t i = 0; i < firings_events(); i++)
        for (int k = 0; k < 2; k++) {
            int64_t n = seen.events[i][k];
            promise(n <= 1, "event %" PRId64 " is %" PRId64 " times at a target", i, n);
            promise(n == 1 || firings_event(i) != FATE_YES,
                    "event %" PRId64 " was acknowledged, and is not at a target", i);
            promise(seen.events[i][0] == seen.events[i][1],
                    "event %" PRId64 " is at one target only", i);
        }
}

void firings_check(void)
{
    if (world.broken || !look_open()) return;
    int catch_up = seen.catch_up;
    memset(&seen, 0, sizeof seen);
    seen.catch_up = catch_up;
    read_messages();
    read_underway();
    read_skips();
    read_record();
    for (int64_t i = 0; i < seen.ranges_n && !world.broken; i++) check_range(&seen.ranges[i]);
    for (int64_t i = 0; i < seen.skips_n && !world.broken; i++) check_skip(&seen.skips[i]);
    for (int64_t i = 0; i < seen.found_n; i++)
        promise(seen.found[i].known,
                "%s fired for %" PRId64 " of generation %" PRId64 ", which is no slot of it",
                seen.found[i].who, seen.found[i].slot, seen.found[i].g);
    check_events();
    look_close();
}

void firings_check_open(int catch_up)
{
    seen.catch_up = catch_up;
}
