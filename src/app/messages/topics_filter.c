/* topics_filter.c - which subscriptions want a message: filter policies over its attributes or its body. */
#include "app/messages/topics.h"
#include "core/event/pattern.h"

enum { FILTER_KEYS_MAX = 5 };

static bool refuse(Error *err, const char *why)
{
    return error_set(err, ERR_SNS_PARAMETER, "Invalid parameter: FilterPolicy: %s", why);
}

static int32_t count_keys(const Json *policy)
{
    int32_t n = 0;
    if (!json_is(policy, JSON_OBJECT)) return 1;
    for (int32_t i = 0; i < json_count(policy); i++) n += count_keys(&policy->members[i].value);
    return n;
}

/* "Amazon SNS subscription filter policies" in the developer guide. */
bool topics_check_filter(Str policy, bool body, Arena *a, Error *err)
{
    Json v;
    Error wrong = {0};
    if (!json_parse(policy, a, &v, &wrong) || v.type != JSON_OBJECT)
        return refuse(err, "failed to parse JSON.");
    for (int32_t i = 0; i < json_count(&v) && !body; i++)
        if (v.members[i].value.type == JSON_OBJECT)
            return refuse(err, "Filter policy scope MessageAttributes does not support nested "
                               "filter policy");
    if (count_keys(&v) > FILTER_KEYS_MAX)
        return refuse(err, "Filter policy can not have more than 5 keys");
    if (json_count(&v) == 0 || pattern_check(&v, a, &wrong)) return true;
    return refuse(err, str_z(a, error_text(&wrong)));
}

/* Numbers count as numbers, String.Array as the list it is; bytes match nothing. */
static Json attributes_event(const Json *attributes, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(attributes); i++) {
        Json list;
        Error unread = {0};
        const JsonMember *m = &attributes->members[i];
        Str type = json_text(json_get(&m->value, S("DataType"))),
            text = json_text(json_get(&m->value, S("StringValue")));
        if (str_absent(text)) continue;
        bool parsed = str_starts(type, S("Number")) || str_eq(type, S("String.Array"));
        if (parsed && json_parse(text, a, &list, &unread))
            json_put(&o, m->key, list);
        else
            json_put_text(&o, m->key, text);
    }
    return json_object(&o);
}

bool topics_wants(const SubscriptionRow *sub, const TopicMessage *m, Str text, Arena *a)
{
    Json policy, event;
    Error unread = {0};
    Str filter = topics_attribute(a, sub->attributes, S("FilterPolicy"));
    if (!filter.n) return true;
    check(json_parse(filter, a, &policy, &unread));
    if (!json_count(&policy)) return true;
    if (!topics_is(a, sub->attributes, S("FilterPolicyScope"), S("MessageBody")))
        event = attributes_event(m->attributes, a);
    else if (!json_parse(text, a, &event, &unread) || event.type != JSON_OBJECT)
        return false;
    return pattern_matches(&policy, &event, a);
}
