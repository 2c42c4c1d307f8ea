/* sns.h - private to api/sns*.c: finding what a request of SNS names, and the handlers of all files. */
#pragma once
#include "app/call.h"
#include "app/messages/topics.h"

enum { SNS_PAGE = 100 };

Str sns_text(const Call *call, const char *member);
Json sns_parse(Arena *a, Str json);
void sns_done(Call *call); /* an answer without members */
Str sns_host(const Call *call);

/* "arn:aws:sns:REGION:ACCOUNT:NAME". ERR_SNS_PARAMETER, ERR_SNS_NOT_FOUND. */
must_use bool sns_topic(Call *call, Str arn, TopicRow *out, Error *err);
/* ... and ":ID" behind it. */
must_use bool sns_subscription(Call *call, Str arn, TopicRow *topic, SubscriptionRow *out,
                               Error *err);
/* false: not one of the topic's own attributes, or not a value for it. */
must_use bool sns_check_subscription_attribute(Call *call, Str protocol, Str name, Str value,
                                               Str scope, Error *err);
must_use bool sns_token(Call *call, Str *out, Error *err);
Json sns_new_token(Arena *a, Str place);
/* The members of `old` with one more, or with it replaced; an empty value removes it. */
Str sns_with(Arena *a, Str old, Str name, Str value);

CallHandler sns_list_platforms, sns_list_opted_out, sns_list_origination, sns_get_sms_attributes,
    sns_get_data_protection;
CallHandler sns_create_topic, sns_delete_topic, sns_list_topics, sns_get_topic_attributes,
    sns_set_topic_attributes, sns_list_tags, sns_tag, sns_untag;
CallHandler sns_subscribe, sns_confirm, sns_unsubscribe, sns_list_subscriptions, sns_list_by_topic,
    sns_get_subscription_attributes, sns_set_subscription_attributes;
CallHandler sns_publish, sns_publish_batch;
