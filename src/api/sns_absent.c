/* sns_absent.c - lists of what is never there, since nothing is sent to phones: applications, numbers, settings. */
#include "api/sns.h"

static CallResult empty_list(Call *call, const char *member)
{
    JsonObject out = {.a = call->arena};
    json_put(&out, str_from(member), (Json){.type = JSON_ARRAY});
    call->out = json_object(&out);
    return CALL_DONE;
}

CallResult sns_list_platforms(Call *call, Error *err)
{
    (void)err;
    return empty_list(call, "PlatformApplications");
}

CallResult sns_list_opted_out(Call *call, Error *err)
{
    (void)err;
    return empty_list(call, "phoneNumbers");
}

CallResult sns_list_origination(Call *call, Error *err)
{
    (void)err;
    return empty_list(call, "PhoneNumbers");
}

/* No attribute was ever set: SetSMSAttributes is not offered. */
CallResult sns_get_sms_attributes(Call *call, Error *err)
{
    (void)err;
    JsonObject out = {.a = call->arena};
    json_put(&out, S("attributes"), (Json){.type = JSON_OBJECT});
    call->out = json_object(&out);
    return CALL_DONE;
}

/* As the topic was made; it is not applied. */
CallResult sns_get_data_protection(Call *call, Error *err)
{
    TopicRow t;
    JsonObject out = {.a = call->arena};
    if (!sns_topic(call, sns_text(call, "ResourceArn"), &t, err)) return CALL_FAILED;
    Str policy = topics_attribute(call->arena, t.attributes, S("DataProtectionPolicy"));
    json_put_text(&out, S("DataProtectionPolicy"), policy.n ? policy : S(""));
    call->out = json_object(&out);
    return CALL_DONE;
}
