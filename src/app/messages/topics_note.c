/* topics_note.c - a notification as its subscribers see it: in a queue or a server's request, and as a function's event. */
#include "app/messages/topics.h"
#include "app/vault/signing.h"
#include "base/encode.h"
#include "base/time.h"

Str topics_base(Server *s, Arena *a, Str host)
{
    const char *scheme = str_absent(s->config.certificate_path) ? "http" : "https";
    if (!host.n) host = str_printf(a, "%.*s:%d", STR(s->config.host), s->port);
    return str_printf(a, "%s://%.*s", scheme, STR(host));
}

static Str unsubscribe_url(Server *s, const TopicRow *t, const SubscriptionRow *sub, Str host,
                           Arena *a)
{
    Str arn = topics_subscription_arn(a, t, sub);
    return str_printf(a, "%.*s/?Action=Unsubscribe&Version=2010-03-31&SubscriptionArn=%.*s",
                      STR(topics_base(s, a, host)), STR(percent_encode(a, arn, S(":"))));
}

/* {name: {"Type": "String", "Value": ".."}} */
static Json attributes_json(const Json *attributes, Arena *a)
{
    JsonObject all = {.a = a};
    for (int32_t i = 0; i < json_count(attributes); i++) {
        const Json *v = &attributes->members[i].value;
        JsonObject one = {.a = a};
        Str text = json_text(json_get(v, S("StringValue")));
        json_put_json(&one, S("Type"), json_get(v, S("DataType")));
        json_put_text(&one, S("Value"),
                      str_absent(text) ? json_text(json_get(v, S("BinaryValue"))) : text);
        json_put(&all, attributes->members[i].key, json_object(&one));
    }
    return json_object(&all);
}

/* ---- signatures: "Verifying the signatures of Amazon SNS messages" in the developer guide ---- */

static void put_signed(Buf *b, const JsonObject *o, const char *name)
{
    for (int64_t i = 0; i < o->n; i++)
        if (str_eq(o->p[i].key, str_from(name)) && o->p[i].value.type == JSON_STRING)
            buf_printf(b, "%s\n%.*s\n", name, STR(json_text(&o->p[i].value)));
}

/* Of the members that are there, in this order: each name and value on a line of its own. */
static Str text_to_sign(const JsonObject *o)
{
    static const char *const names[] = {"Message",   "MessageId", "Subject",  "SubscribeURL",
                                        "Timestamp", "Token",     "TopicArn", "Type"};
    Buf b = {.a = o->a};
    for (int i = 0; i < countof(names); i++) put_signed(&b, o, names[i]);
    return buf_str(&b);
}

static void put_signature(Server *s, const TopicRow *t, Str host, JsonObject *o,
                          const char *certificate)
{
    bool second = topics_is(o->a, t->attributes, S("SignatureVersion"), S("2"));
    Str signature = signing_sign(s, o->a, second ? SIGNING_SHA256 : SIGNING_SHA1, text_to_sign(o));
    json_put_text(o, S("SignatureVersion"), second ? S("2") : S("1"));
    json_put_text(o, S("Signature"), signature);
    json_put_text(
        o, str_from(certificate),
        str_printf(o->a, "%.*s%.*s", STR(topics_base(s, o->a, host)), STR(signing_path(s))));
}

static void put_head(JsonObject *o, const TopicRow *t, const TopicMessage *m, Str text, Arena *a)
{
    json_put_text(o, S("Type"), S("Notification"));
    json_put_text(o, S("MessageId"), m->id);
    json_put_text(o, S("TopicArn"), topics_arn(a, t));
    json_put_text(o, S("Subject"), m->subject);
    json_put_text(o, S("Message"), text);
}

static Str pretty(Arena *a, const JsonObject *o)
{
    Buf b = {.a = a};
    Json all = json_object(o);
    json_write_pretty(&b, &all);
    return buf_str(&b);
}

Str topics_note(Server *s, const TopicRow *t, const SubscriptionRow *sub, const TopicMessage *m,
                Str text, Arena *a)
{
    JsonObject o = {.a = a};
    put_head(&o, t, m, text, a);
    if (m->sequence)
        json_put_text(&o, S("SequenceNumber"), str_printf(a, "1%019" PRId64, m->sequence));
    json_put_text(&o, S("Timestamp"), time_iso8601(a, s->now));
    put_signature(s, t, m->host, &o, "SigningCertURL");
    json_put_text(&o, S("UnsubscribeURL"), unsubscribe_url(s, t, sub, m->host, a));
    if (json_count(m->attributes))
        json_put(&o, S("MessageAttributes"), attributes_json(m->attributes, a));
    return pretty(a, &o);
}

/* "Using Lambda with Amazon SNS": subjects are null where there is none, names end in Url. */
Str topics_function_event(Server *s, const TopicRow *t, const SubscriptionRow *sub,
                          const TopicMessage *m, Str text, Arena *a)
{
    JsonObject note = {.a = a}, record = {.a = a}, event = {.a = a};
    JsonArray records = {.a = a};
    put_head(&note, t, m, text, a);
    if (str_absent(m->subject)) json_put(&note, S("Subject"), (Json){0});
    json_put_text(&note, S("Timestamp"), time_iso8601(a, s->now));
    put_signature(s, t, m->host, &note, "SigningCertUrl");
    json_put_text(&note, S("UnsubscribeUrl"), unsubscribe_url(s, t, sub, m->host, a));
    json_put(&note, S("MessageAttributes"), attributes_json(m->attributes, a));
    json_put_text(&record, S("EventSource"), S("aws:sns"));
    json_put_text(&record, S("EventVersion"), S("1.0"));
    json_put_text(&record, S("EventSubscriptionArn"), topics_subscription_arn(a, t, sub));
    json_put(&record, S("Sns"), json_object(&note));
    json_add(&records, json_object(&record));
    json_put(&event, S("Records"), json_array(&records));
    Json all = json_object(&event);
    return json_to_str(a, &all);
}

Str topics_confirmation(Server *s, const TopicRow *t, const SubscriptionRow *sub, Str id, Str host,
                        Arena *a)
{
    JsonObject o = {.a = a};
    Str arn = topics_arn(a, t);
    json_put_text(&o, S("Type"), S("SubscriptionConfirmation"));
    json_put_text(&o, S("MessageId"), id);
    json_put_text(&o, S("Token"), sub->token);
    json_put_text(&o, S("TopicArn"), arn);
    json_put_text(&o, S("Message"),
                  str_printf(a,
                             "You have chosen to subscribe to the topic %.*s.\nTo confirm the "
                             "subscription, visit the SubscribeURL included in this message.",
                             STR(arn)));
    json_put_text(
        &o, S("SubscribeURL"),
        str_printf(
            a, "%.*s/?Action=ConfirmSubscription&Version=2010-03-31&TopicArn=%.*s&Token=%.*s",
            STR(topics_base(s, a, host)), STR(percent_encode(a, arn, S(":"))), STR(sub->token)));
    json_put_text(&o, S("Timestamp"), time_iso8601(a, s->now));
    put_signature(s, t, host, &o, "SigningCertURL");
    return pretty(a, &o);
}
