/* s3_config.c - configurations of buckets: which are kept, what a new bucket has, what is refused. */
#include "api/s3.h"
#include "app/events/object_notices.h"
#include "app/objects/lifecycle.h"
#include "core/bucket/cors.h"
#include "core/bucket/lifecycle.h"
#include "core/bucket/notification.h"
#include "core/bucket/policy.h"

/* What would need something this server does not do is refused when it is put, never stored as if
 * it worked. */
typedef bool ConfigCheck(Call *c, Json *config, Error *err);

typedef struct Config {
    const char
        *operation; /* what follows Get, Put, Delete in the operation's name, or its beginning */
    const char *kind;
    const char *input; /* payload member of Put */
    const char
        *output; /* payload member of Get; NULL: the configuration's members are the answer's own */
    ErrorCode missing; /* ERR_NONE: Get answers without members */
    const char *missing_text;
    const char *preset;  /* of a new bucket */
    bool preset_returns; /* after Delete it is as in a new bucket; else missing */
    ConfigCheck *verify;
} Config;

/* ---- checks ---- */

static bool check_tagging(Call *c, Json *config, Error *err)
{
    (void)c;
    return s3_check_tags(json_get(config, S("TagSet")), S3_BUCKET_TAGS_MAX, err);
}

static bool blocks_policies(const Call *c, int64_t bucket_id)
{
    Json block;
    return s3_setting(c, bucket_id, "access-block", &block) &&
           json_true(json_get(&block, S("BlockPublicPolicy")));
}

static bool check_policy(Call *c, Json *config, Error *err)
{
    Json policy;
    Bucket b;
    if (!s3_bucket(c, &b, err) ||
        !bucket_policy_check(json_text(config), b.name, c->arena, &policy, err))
        return false;
    return !bucket_policy_is_public(&policy) || !blocks_policies(c, b.id) ||
           error_set(err, ERR_S3_ACCESS_DENIED, "Access Denied");
}

static bool check_ownership(Call *c, Json *config, Error *err)
{
    Bucket b;
    const Json *rules = json_get(config, S("Rules"));
    if (!s3_bucket(c, &b, err)) return false;
    if (json_count(rules) != 1) return s3_malformed(err);
    bool enforced = str_eq(json_text(json_get(json_at(rules, 0), S("ObjectOwnership"))),
                           S("BucketOwnerEnforced"));
    return !enforced || s3_acl_allows_enforced(c, b.id) ||
           error_set(err, ERR_S3_ACL_WITH_OWNERSHIP,
                     "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
                     "setting");
}

/* Each new queue and topic gets a message that tries it. */
static bool try_destinations(Call *c, const Json *config, Error *err)
{
    Str arn;
    if (object_notify_test(c->server, config, json_text(json_get(&c->in, S("Bucket"))),
                           c->who.account, c->who.region, &arn))
        return true;
    json_put_text(&c->error_members, S("ArgumentName"), arn);
    json_put_text(&c->error_members, S("ArgumentValue"),
                  S("The destination queue or topic does not exist"));
    return error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "Unable to validate the following destination configurations");
}

static int32_t notifications(const Json *config)
{
    int32_t n = 0;
    for (int32_t i = 0; i < json_count(config); i++)
        if (json_is(&config->members[i].value, JSON_ARRAY)) n += config->members[i].value.n;
    return n < NOTIFICATIONS_MAX ? n : NOTIFICATIONS_MAX;
}

static bool check_notifications(Call *c, Json *config, Error *err)
{
    Str *ids = new_array(c->arena, Str, NOTIFICATIONS_MAX);
    for (int i = 0; i < notifications(config); i++) ids[i] = server_new_uuid(c->server, c->arena);
    if (!notification_check(config, ids, c->arena, config, err)) return false;
    return json_true(json_get(&c->in, S("SkipDestinationValidation"))) ||
           try_destinations(c, config, err);
}

static bool check_encryption(Call *c, Json *config, Error *err)
{
    const Json *rules = json_get(config, S("Rules"));
    (void)c;
    if (json_count(rules) != 1) return s3_malformed(err);
    const Json *by = json_get(json_at(rules, 0), S("ApplyServerSideEncryptionByDefault"));
    bool kms = str_starts(json_text(json_get(by, S("SSEAlgorithm"))), S("aws:kms"));
    return kms || !json_get(by, S("KMSMasterKeyID")) ||
           error_set(err, ERR_S3_INVALID_ARGUMENT,
                     "a KMSMasterKeyID is not applicable if the default sse algorithm is not "
                     "aws:kms or aws:kms:dsse");
}

static bool check_logging(Call *c, Json *config, Error *err)
{
    (void)c;
    return !json_get(config, S("LoggingEnabled")) || s3_not_implemented(err, "server access logs");
}

static bool check_accelerate(Call *c, Json *config, Error *err)
{
    (void)c;
    return !str_eq(json_text(json_get(config, S("Status"))), S("Enabled")) ||
           s3_not_implemented(err, "transfer acceleration");
}

static bool check_payer(Call *c, Json *config, Error *err)
{
    (void)c;
    return str_eq(json_text(json_get(config, S("Payer"))), S("BucketOwner")) ||
           s3_not_implemented(err, "requester pays");
}

static bool check_replication(Call *c, Json *config, Error *err)
{
    (void)c, (void)config;
    return s3_not_implemented(err, "replication");
}

/* Kept and told; pages are not served. */
static bool check_website(Call *c, Json *config, Error *err)
{
    const Json *index = json_get(config, S("IndexDocument")),
               *all = json_get(config, S("RedirectAllRequestsTo"));
    Str suffix = json_text(json_get(index, S("Suffix")));
    (void)c;
    if (all && json_count(config) > 1)
        return error_set(err, ERR_S3_INVALID_REQUEST,
                         "RedirectAllRequestsTo cannot be provided in conjunction with other "
                         "Routing Rules.");
    if (all) return json_text(json_get(all, S("HostName"))).n > 0 || s3_malformed(err);
    if (!index)
        return error_set(err, ERR_S3_INVALID_ARGUMENT,
                         "A value for IndexDocument Suffix must be provided if "
                         "RedirectAllRequestsTo is empty");
    return (suffix.n && str_find_char(suffix, '/') < 0) ||
           error_set(err, ERR_S3_INVALID_ARGUMENT, "The IndexDocument Suffix is not well formed");
}

static bool check_cors(Call *c, Json *config, Error *err)
{
    (void)c;
    return cors_check(config, err);
}

/* What AWS returns when nothing was said. */
static Str transition_minimum(const Call *c)
{
    Str said = s3_text(c, S("TransitionDefaultMinimumObjectSize"));
    return said.n ? said : S("all_storage_classes_128K");
}

static bool check_lifecycle(Call *c, Json *config, Error *err)
{
    int32_t n = json_count(json_get(config, S("Rules")));
    Str *ids = new_array(c->arena, Str, n);
    for (int32_t i = 0; i < n && i < LIFECYCLE_RULES_MAX; i++)
        ids[i] = server_new_uuid(c->server, c->arena);
    if (!lifecycle_check(config, ids, c->arena, config, err)) return false;
    JsonObject o = {.a = c->arena};
    json_put(&o, S("TransitionDefaultMinimumObjectSize"), json_string(transition_minimum(c)));
    json_put(&o, S("Rules"), *json_get(config, S("Rules")));
    *config = json_object(&o);
    return true;
}

/* Flags that are not given are off. */
static bool check_access_block(Call *c, Json *config, Error *err)
{
    static const char *const flags[] = {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy",
                                        "RestrictPublicBuckets"};
    JsonObject o = {.a = c->arena};
    (void)err;
    for (int i = 0; i < countof(flags); i++)
        json_put(&o, str_from(flags[i]),
                 json_bool(json_true(json_get(config, str_from(flags[i])))));
    *config = json_object(&o);
    return true;
}

static const Config configs[] = {
    {"BucketTagging", "tagging", "Tagging", NULL, ERR_S3_NO_SUCH_TAGS, "The TagSet does not exist",
     NULL, false, check_tagging},
    {"BucketCors", "cors", "CORSConfiguration", NULL, ERR_S3_NO_SUCH_CORS,
     "The CORS configuration does not exist", NULL, false, check_cors},
    {"BucketPolicy", "policy", "Policy", "Policy", ERR_S3_NO_SUCH_POLICY,
     "The bucket policy does not exist", NULL, false, check_policy},
    {"BucketEncryption", "encryption", "ServerSideEncryptionConfiguration",
     "ServerSideEncryptionConfiguration", ERR_S3_NO_SUCH_ENCRYPTION,
     "The server side encryption configuration was not found",
     "{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"AES256\"},"
     "\"BucketKeyEnabled\":false}]}",
     true, check_encryption},
    {"BucketLifecycle", "lifecycle", "LifecycleConfiguration", NULL, ERR_S3_NO_SUCH_LIFECYCLE,
     "The lifecycle configuration does not exist", NULL, false, check_lifecycle},
    {"BucketOwnershipControls", "ownership", "OwnershipControls", "OwnershipControls",
     ERR_S3_NO_SUCH_OWNERSHIP, "The bucket ownership controls were not found",
     "{\"Rules\":[{\"ObjectOwnership\":\"BucketOwnerEnforced\"}]}", false, check_ownership},
    {"PublicAccessBlock", "access-block", "PublicAccessBlockConfiguration",
     "PublicAccessBlockConfiguration", ERR_S3_NO_SUCH_PUBLIC_ACCESS_BLOCK,
     "The public access block configuration was not found",
     "{\"BlockPublicAcls\":true,\"IgnorePublicAcls\":true,\"BlockPublicPolicy\":true,"
     "\"RestrictPublicBuckets\":true}",
     false, check_access_block},
    {"BucketNotification", "notification", "NotificationConfiguration", NULL, ERR_NONE, NULL, NULL,
     false, check_notifications},
    {"BucketRequestPayment", "payer", "RequestPaymentConfiguration", NULL, ERR_NONE, NULL,
     "{\"Payer\":\"BucketOwner\"}", true, check_payer},
    {"BucketLogging", "logging", "BucketLoggingStatus", NULL, ERR_NONE, NULL, NULL, false,
     check_logging},
    {"BucketAccelerate", "accelerate", "AccelerateConfiguration", NULL, ERR_NONE, NULL, NULL, false,
     check_accelerate},
    {"BucketReplication", "replication", "ReplicationConfiguration", "ReplicationConfiguration",
     ERR_S3_NO_SUCH_REPLICATION, "The replication configuration was not found", NULL, false,
     check_replication},
    {"BucketWebsite", "website", "WebsiteConfiguration", NULL, ERR_S3_NO_SUCH_WEBSITE,
     "The specified bucket does not have a website configuration", NULL, false, check_website},
    {"ObjectLock", "object-lock", "ObjectLockConfiguration", "ObjectLockConfiguration",
     ERR_S3_NO_SUCH_OBJECT_LOCK, "Object Lock configuration does not exist for this bucket", NULL,
     false, s3_check_lock_config},
    /* Never put: no handler. */
    {"BucketAnalytics", "analytics", "", "", ERR_S3_NO_SUCH_CONFIGURATION,
     "The specified configuration does not exist.", NULL, false, NULL},
    {"BucketIntelligentTiering", "tiering", "", "", ERR_S3_NO_SUCH_CONFIGURATION,
     "The specified configuration does not exist.", NULL, false, NULL},
    {"BucketInventory", "inventory", "", "", ERR_S3_NO_SUCH_CONFIGURATION,
     "The specified configuration does not exist.", NULL, false, NULL},
    {"BucketMetrics", "metrics", "", "", ERR_S3_NO_SUCH_CONFIGURATION,
     "The specified configuration does not exist.", NULL, false, NULL},
};

bool s3_default_encryption(Call *c, Json *facts, Error *err)
{
    Json config;
    Bucket b;
    Error none;
    Str method = json_text(json_get(facts, S("ServerSideEncryption")));
    if (json_get(facts, S("SSEKMSKeyId")) && !str_starts(method, S("aws:kms")))
        return error_set(err, ERR_S3_INVALID_ARGUMENT,
                         "Server Side Encryption with AWS KMS managed key requires HTTP header "
                         "x-amz-server-side-encryption : aws:kms");
    if (method.n ||
        !bucket_find(c->server->objects, s3_text(c, S("Bucket")), c->arena, &b, &none) ||
        !bucket_config(c->server->objects, b.id, S("encryption"), S(""), c->arena, &config))
        return true;
    const Json *rule = json_at(json_get(&config, S("Rules")), 0),
               *by = json_get(rule, S("ApplyServerSideEncryptionByDefault"));
    *facts = s3_facts_with(c, facts, S("ServerSideEncryption"), json_get(by, S("SSEAlgorithm")));
    *facts = s3_facts_with(c, facts, S("SSEKMSKeyId"), json_get(by, S("KMSMasterKeyID")));
    return true;
}

/* ---- operations ---- */

static const Config *config_of(const Call *c, int64_t verb_n)
{
    Str name = model_operation_name(c->route.operation), subject = str_slice(name, verb_n, name.n);
    for (int i = 0; i < countof(configs); i++)
        if (str_starts(subject, str_from(configs[i].operation))) return &configs[i];
    unreachable();
}

static bool missing(const Config *k, Error *err)
{
    return error_set(err, k->missing, "%s", k->missing_text);
}

/* A stored null: deleted, and the preset does not return. */
static bool find_config(Call *c, const Config *k, const Bucket *b, Json *out, Error *err)
{
    bool stored = bucket_config(c->server->objects, b->id, str_from(k->kind), S(""), c->arena, out);
    if (!stored && k->preset) {
        check(json_parse(str_from(k->preset), c->arena, out, err));
        return true;
    }
    if (stored && out->type != JSON_NULL) return true;
    *out = (Json){.type = JSON_OBJECT};
    return k->missing == ERR_NONE || missing(k, err);
}

bool s3_setting(const Call *c, int64_t bucket_id, const char *kind, Json *out)
{
    Error none;
    if (bucket_config(c->server->objects, bucket_id, str_from(kind), S(""), c->arena, out))
        return out->type != JSON_NULL;
    for (int i = 0; i < countof(configs); i++)
        if (!strcmp(configs[i].kind, kind) && configs[i].preset)
            return json_parse(str_from(configs[i].preset), c->arena, out, &none);
    return false;
}

CallResult s3_get_config(Call *c, Error *err)
{
    const Config *k = config_of(c, 3);
    Bucket b;
    Json config;
    JsonObject out = {.a = c->arena};
    if (!s3_bucket(c, &b, err) || !find_config(c, k, &b, &config, err))
        return s3_end(c, false, err);
    if (k->output) json_put(&out, str_from(k->output), config);
    c->out = k->output ? json_object(&out) : config;
    return CALL_DONE;
}

static Json transition_answer(const Call *c)
{
    JsonObject out = {.a = c->arena};
    json_put(&out, S("TransitionDefaultMinimumObjectSize"), json_string(transition_minimum(c)));
    return json_object(&out);
}

CallResult s3_put_config(Call *c, Error *err)
{
    const Config *k = config_of(c, 3);
    const Json *given = json_get(&c->in, str_from(k->input));
    Json config = given ? *given : (Json){.type = JSON_OBJECT};
    Bucket b;
    if (!s3_bucket(c, &b, err) || (k->verify && !k->verify(c, &config, err)))
        return s3_end(c, false, err);
    bucket_set_config(c->server->objects, b.id, str_from(k->kind), S(""), &config);
    if (k->verify == check_lifecycle) {
        lifecycle_begin(c->server, b.id);
        c->out = transition_answer(c);
    }
    return CALL_DONE;
}

CallResult s3_delete_config(Call *c, Error *err)
{
    const Config *k = config_of(c, 6);
    Bucket b;
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    if (k->missing == ERR_S3_NO_SUCH_CONFIGURATION) return s3_end(c, missing(k, err), err);
    if (k->preset && !k->preset_returns)
        bucket_set_config(c->server->objects, b.id, str_from(k->kind), S(""), &(Json){0});
    else
        bucket_clear_config(c->server->objects, b.id, str_from(k->kind), S(""));
    return CALL_DONE;
}

/* Of the kinds that are never put there is none. */
CallResult s3_list_configs(Call *c, Error *err)
{
    Bucket b;
    JsonObject out = {.a = c->arena};
    if (!s3_bucket(c, &b, err)) return s3_end(c, false, err);
    json_put(&out, S("IsTruncated"), json_bool(false));
    c->out = json_object(&out);
    return CALL_DONE;
}
