/* authorize_resource.c - the policies that lie on resources: one row a kind, found by the resource's ARN. */
#include "app/access/authorize.h"
#include "store/buckets.h"
#include "store/documents.h"
#include "store/event_buses.h"
#include "store/functions.h"
#include "store/log_groups.h"
#include "store/objects.h"
#include "store/queues.h"
#include "store/secrets.h"
#include "store/topics.h"

/* What an ARN says. */
typedef struct Place {
    Server *s;
    Arena *a;
    Str service, region, account, resource;
} Place;

static bool read_arn(Place *p, Str arn)
{
    Str part[5];
    for (int i = 0; i < countof(part); i++)
        if (!str_cut(&arn, ':', &part[i])) return false;
    if (part[3].n) p->region = part[3];
    if (part[4].n) p->account = part[4];
    p->service = part[2];
    p->resource = arn;
    return true;
}

/* A member of a row's attributes. */
static Str attribute(Arena *a, Str attributes, Str name)
{
    Json v;
    Error err = {0};
    return json_parse(attributes, a, &v, &err) ? json_text(json_get(&v, name)) : (Str){0};
}

static Str of_bucket(const Place *p)
{
    Bucket bucket;
    Json text;
    Error err = {0};
    int64_t slash = str_find_char(p->resource, '/');
    Str name = slash < 0 ? p->resource : str_slice(p->resource, 0, slash);
    struct Objects *objects = p->s->objects;
    bool found = bucket_find(objects, name, p->a, &bucket, &err) &&
                 bucket_config(objects, bucket.id, S("policy"), S(""), p->a, &text);
    return found ? json_text(&text) : (Str){0};
}

static Str of_queue(const Place *p)
{
    QueueRow row;
    if (!queue_row_find(p->s->db, p->account, p->region, p->resource, p->a, &row)) return (Str){0};
    return attribute(p->a, row.attributes, S("Policy"));
}

/* "CreateTopic" in the API reference: what a topic without a policy of its own has. */
static Str default_topic_policy(const Place *p)
{
    return str_printf(p->a,
                      "{\"Version\":\"2008-10-17\",\"Statement\":[{\"Effect\":\"Allow\","
                      "\"Principal\":{\"AWS\":\"*\"},\"Action\":\"sns:*\",\"Resource\":\"*\","
                      "\"Condition\":{\"StringEquals\":{\"AWS:SourceOwner\":\"%.*s\"}}}]}",
                      STR(p->account));
}

static Str of_topic(const Place *p)
{
    TopicRow row;
    Str name = p->resource, rest = p->resource;
    (void)str_cut(&rest, ':', &name); /* a subscription's ARN goes on */
    if (!topic_row_find(p->s->db, p->account, p->region, name, p->a, &row)) return (Str){0};
    Str own = attribute(p->a, row.attributes, S("Policy"));
    return own.n ? own : default_topic_policy(p);
}

/* function:NAME or function:NAME:QUALIFIER, each with a policy of its own. */
static Str of_function(const Place *p)
{
    FunctionRow row;
    Str rest = p->resource, kind = S(""), name;
    if (!str_cut(&rest, ':', &kind) || !str_eq(kind, S("function"))) return (Str){0};
    if (!str_cut(&rest, ':', &name)) name = rest, rest = S("");
    if (!function_find(p->s->db, p->account, p->region, name, p->a, &row)) return (Str){0};
    return function_setting(p->s->db, row.n, rest.n ? rest : S(""), S("policy"), p->a);
}

static Str of_bus(const Place *p)
{
    EventBusRow row;
    Str head = S("event-bus/");
    if (!str_starts(p->resource, head) ||
        !event_bus_find(p->s->db, p->account, p->region,
                        str_slice(p->resource, head.n, p->resource.n), p->a, &row))
        return (Str){0};
    return row.policy;
}

/* secret:NAME-SUFFIX */
static Str of_secret(const Place *p)
{
    enum { SUFFIX = 7 };
    SecretRow row;
    Str head = S("secret:");
    if (!str_starts(p->resource, head) || p->resource.n < head.n + SUFFIX ||
        !secret_row_find(p->s->db, p->account, p->region,
                         str_slice(p->resource, head.n, p->resource.n - SUFFIX), p->a, &row))
        return (Str){0};
    return row.policy;
}

static const struct {
    const char *service, *name;
    Str (*policy)(const Place *p);
} kinds[] = {
    {"s3", "bucket policy", of_bucket},     {"sqs", "queue policy", of_queue},
    {"sns", "topic policy", of_topic},      {"lambda", "function policy", of_function},
    {"events", "event bus policy", of_bus}, {"secretsmanager", "secret policy", of_secret},
};

/* Those of an account are for all of its groups. */
static int of_logs(const Place *p, PolicyDocument **out)
{
    int good = 0;
    Document *all;
    Error err = {0};
    int64_t n = document_list(p->s->db, log_policy_kind(p->a, p->account), p->region, p->a, &all);
    PolicyDocument *d = new_array(p->a, PolicyDocument, n + 1);
    for (int64_t i = 0; i < n; i++) {
        Json *json = new (p->a, Json);
        if (json_parse(all[i].content, p->a, json, &err))
            d[good++] = (PolicyDocument){all[i].name, json};
    }
    *out = d;
    return good;
}

int authorize_resource_policy(Server *s, Arena *a, Str arn, Str account, Str region,
                              const PolicyDocument **out)
{
    Error err = {0};
    Str text = {0};
    PolicyDocument *d = new (a, PolicyDocument);
    Json *json = new (a, Json);
    Place p = {.s = s, .a = a, .account = account, .region = region};
    *out = d;
    if (!read_arn(&p, arn)) return 0;
    if (str_eq(p.service, S("logs"))) {
        int n = of_logs(&p, &d);
        return *out = d, n;
    }
    for (int i = 0; i < countof(kinds) && str_absent(text); i++) {
        if (!str_eq(p.service, str_from(kinds[i].service))) continue;
        d->name = str_from(kinds[i].name);
        text = kinds[i].policy(&p);
    }
    if (!text.n || !json_parse(text, a, json, &err)) return 0;
    d->json = json;
    return 1;
}
