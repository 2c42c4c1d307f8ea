/* topics.c - a message of a topic becomes a message, an invocation or a post for each subscriber that wants it. */
#include "app/messages/topics.h"

#include "app/events/targets.h"
#include "app/messages/queues.h"
#include "app/watch/meter.h"
#include "store/timers.h"

Str topics_arn(Arena *a, const TopicRow *t)
{
    return str_printf(a, "arn:aws:sns:%.*s:%.*s:%.*s", STR(t->region), STR(t->account),
                      STR(t->name));
}

Str topics_subscription_arn(Arena *a, const TopicRow *t, const SubscriptionRow *s)
{
    return str_printf(a, "%.*s:%.*s", STR(topics_arn(a, t)), STR(s->id));
}

Str topics_attribute(Arena *a, Str attributes, Str name)
{
    Json all;
    Error err = {0};
    check(json_parse(attributes, a, &all, &err));
    return json_text(json_get(&all, name));
}

bool topics_is(Arena *a, Str attributes, Str name, Str value)
{
    return str_eq(topics_attribute(a, attributes, name), value);
}

Meter topics_meter(const TopicRow *t)
{
    return (Meter){t->account, t->region, "AWS/SNS", {{"TopicName", t->name}}};
}

void topics_count(Server *s, const TopicRow *t, const char *name)
{
    Meter m = topics_meter(t);
    meter_count(s, &m, name);
}

/* ---- to one subscriber ---- */

typedef struct Delivery {
    Server *s;
    const TopicRow *topic;
    const SubscriptionRow *sub;
    const TopicMessage *m;
    Str text; /* for its protocol */
    bool raw;
} Delivery;

static Target target_of(const Delivery *d, Str arn, Str input)
{
    return (Target){
        .arn = arn,
        .service = S("sns.amazonaws.com"),
        .account = d->topic->account,
        .region = d->topic->region,
        .source_arn = topics_arn(&d->s->turn, d->topic),
        .input = input,
        .attributes = d->raw ? d->m->attributes : NULL,
    };
}

static Str dead_letter_arn(Server *s, const SubscriptionRow *sub)
{
    Json policy;
    Error err = {0};
    Str text = topics_attribute(&s->turn, sub->attributes, S("RedrivePolicy"));
    if (!text.n || !json_parse(text, &s->turn, &policy, &err)) return (Str){0};
    return json_text(json_get(&policy, S("deadLetterTargetArn")));
}

/* What a queue takes nobody has received; what it refuses is lost, and said. */
static void give_up(const Delivery *d, Target *t, Str why)
{
    Server *s = d->s;
    const SubscriptionRow *sub = d->sub;
    Str arn = dead_letter_arn(s, sub);
    topics_count(s, d->topic, "NumberOfNotificationsFailed");
    if (arn.n) {
        t->arn = arn;
        bool taken = targets_deliver(s, t).end == TARGET_DELIVERED;
        topics_count(s, d->topic,
                     taken ? "NumberOfNotificationsRedrivenToDlq"
                           : "NumberOfNotificationsFailedToRedriveToDlq");
        if (taken) return;
    }
    log_recorded(s, "notification-lost", "subscription=%.*s endpoint=%.*s error=\"%.*s\"",
                 STR(sub->id), STR(sub->endpoint), STR(why));
}

static void told(const Delivery *d, Target *t, const TargetResult *r)
{
    if (r->end == TARGET_DELIVERED)
        topics_count(d->s, d->topic, "NumberOfNotificationsDelivered");
    else
        give_up(d, t, r->message);
}

static void to_queue(const Delivery *d)
{
    Arena *a = &d->s->turn;
    Target t = target_of(d, d->sub->endpoint,
                         d->raw ? d->text : topics_note(d->s, d->topic, d->sub, d->m, d->text, a));
    if (str_ends(d->sub->endpoint, S(".fifo"))) {
        t.message_group = d->m->group;
        t.deduplication = d->m->dedup;
    }
    TargetResult r = targets_deliver(d->s, &t);
    told(d, &t, &r);
}

static void to_function(const Delivery *d)
{
    Arena *a = &d->s->turn;
    Target t = target_of(d, d->sub->endpoint,
                         topics_function_event(d->s, d->topic, d->sub, d->m, d->text, a));
    TargetResult r = targets_deliver(d->s, &t);
    told(d, &t, &r);
}

static void post(Server *s, PostRow *row)
{
    post_add(s->db, row);
    timer_set(s->db, S("topic-post"), str_printf(&s->turn, "%" PRId64, row->n), s->now);
}

static void to_server(const Delivery *d)
{
    PostRow row = {
        .subscription = d->sub->n,
        .kind = S("Notification"),
        .message_id = d->m->id,
        .body = d->raw ? d->text : topics_note(d->s, d->topic, d->sub, d->m, d->text, &d->s->turn),
        .raw = d->raw,
    };
    post(d->s, &row);
}

void topics_ask_to_confirm(Server *s, const TopicRow *t, const SubscriptionRow *sub, Str host)
{
    Str id = server_new_uuid(s, &s->turn);
    PostRow row = {
        .subscription = sub->n,
        .kind = S("SubscriptionConfirmation"),
        .message_id = id,
        .body = topics_confirmation(s, t, sub, id, host, &s->turn),
    };
    post(s, &row);
}

/* ---- to all ---- */

static Str text_for(const TopicMessage *m, Str protocol)
{
    Str text = json_text(json_get(m->structured, protocol));
    if (!m->structured) return m->body;
    return str_absent(text) ? json_text(json_get(m->structured, S("default"))) : text;
}

static void deliver(Server *s, const TopicRow *t, const SubscriptionRow *sub, const TopicMessage *m)
{
    Delivery d = {s,
                  t,
                  sub,
                  m,
                  text_for(m, sub->protocol),
                  topics_is(&s->turn, sub->attributes, S("RawMessageDelivery"), S("true"))};
    if (!sub->confirmed) return;
    if (!topics_wants(sub, m, d.text, &s->turn)) {
        topics_count(s, t, "NumberOfNotificationsFilteredOut");
        return;
    }
    if (str_eq(sub->protocol, S("sqs"))) to_queue(&d);
    if (str_eq(sub->protocol, S("lambda"))) to_function(&d);
    if (str_starts(sub->protocol, S("http"))) to_server(&d);
}

void topics_deliver(Server *s, const TopicRow *t, const TopicMessage *m)
{
    SubscriptionRow *rows;
    int64_t after = 0, n;
    Meter meter = topics_meter(t);
    meter_count(s, &meter, "NumberOfMessagesPublished");
    meter_add(s, &meter, "PublishSize", "Bytes",
              (double)queues_bytes(&s->turn, m->body, m->attributes));
    do {
        n = subscription_list(s->db, t->n, (Str){0}, (Str){0}, after, TOPIC_SUBSCRIBERS_AT_ONCE,
                              &s->turn, &rows);
        for (int64_t i = 0; i < n; i++) deliver(s, t, &rows[i], m);
        if (n) after = rows[n - 1].n;
    } while (n == TOPIC_SUBSCRIBERS_AT_ONCE);
}
