/* s3_test.c - S3's handlers called as the front calls them: every output must be one the model knows. */
#include "../store/shop.h"
#include "api/api.h"
#include "api/s3.h"
#include "wire/validate.h"

typedef struct Desk {
    Shop shop;
    Server server;
    HttpRequest http;
    Call last;
} Desk;

static Desk *desk_open(void)
{
    Desk *d = new (test_arena(), Desk);
    d->shop = shop_open();
    d->http = (HttpRequest){.method = S("GET"), .host = S("localhost:4566")};
    d->http.body = HTTP_BODY_LENGTH;
    d->server = (Server){.db = d->shop.db, .objects = d->shop.o};
    Error err = {0};
    ok(loop_open(&d->server.loop, &err)); /* for its chance */
    return d;
}

static CallHandler *handler_of(const char *operation)
{
    for (int i = 0; i < s3_calls.n; i++)
        if (!strcmp(s3_calls.entries[i].operation, operation)) return s3_calls.entries[i].handler;
    unreachable();
}

static Json parsed(const char *json)
{
    Json v;
    Error err = {0};
    check(json_parse(str_from(json), test_arena(), &v, &err));
    return v;
}

static void attach_body(Desk *d, Call *c, const Str *body)
{
    Error err = {0};
    if (!body) return;
    c->upload = upload_open(d->shop.o, NULL);
    ok(upload_put(c->upload, *body, &err) && upload_seal(c->upload, &err));
}

/* The output as text, or the error's name. */
static Str ask_with(Desk *d, const char *operation, const char *in, const Str *body)
{
    Error err = {0};
    const Operation *op = model_operation(model_service(S("s3")), str_from(operation));
    Call c = {.server = &d->server,
              .arena = test_arena(),
              .now = d->shop.now += 1000,
              .who = {.account = S("1"), .region = S("us-east-1")},
              .http = &d->http,
              .route = {.service = model_service(S("s3")), .operation = op},
              .in = parsed(in),
              .out_file = {.fd = -1},
              .error_members = {.a = test_arena()}};
    attach_body(d, &c, body);
    shop_begin(&d->shop);
    CallResult result = handler_of(operation)(&c, &err);
    ok(shop_end(&d->shop));
    if (c.upload) upload_close(c.upload, result == CALL_DONE);
    d->last = c;
    if (result != CALL_DONE) return error_name(err.code);
    Str wrong = model_output(op) && c.out.type == JSON_OBJECT
                    ? validate_output(op, &c.out, test_arena())
                    : (Str){0};
    if (!str_absent(wrong)) test_fail(__FILE__, __LINE__, "%s: %.*s", operation, STR(wrong));
    return c.out.type == JSON_OBJECT ? json_to_str(test_arena(), &c.out) : S("{}");
}

static Str ask(Desk *d, const char *operation, const char *in)
{
    return ask_with(d, operation, in, NULL);
}

static Str member(Desk *d, const char *path)
{
    return json_text(json_find(&d->last.out, path));
}

static void put(Desk *d, const char *in, Str body)
{
    ok(str_starts(ask_with(d, "PutObject", in, &body), S("{")));
}

TEST(s3_ranges)
{
    static const struct {
        const char *header;
        S3Range kind;
        int64_t offset, length;
    } cases[] = {
        {"bytes=0-4", S3_RANGE_OK, 0, 5},
        {"BYTES=9-9", S3_RANGE_OK, 9, 1},
        {"bytes=5-", S3_RANGE_OK, 5, 5},
        {"bytes=-3", S3_RANGE_OK, 7, 3},
        {"bytes=-99", S3_RANGE_OK, 0, 10},
        {"bytes=8-99999999999999999999", S3_RANGE_OK, 8, 2},
        {"bytes=10-", S3_RANGE_BAD, 0, 0},
        {"bytes=-0", S3_RANGE_BAD, 0, 0},
        {"bytes=99999999999999999999-", S3_RANGE_BAD, 0, 0},
        {"bytes=5-2", S3_RANGE_NONE, 0, 0},
        {"bytes=1-2,4-5", S3_RANGE_NONE, 0, 0},
        {"bytes=-", S3_RANGE_NONE, 0, 0},
        {"bytes=", S3_RANGE_NONE, 0, 0},
        {"bytes=--1", S3_RANGE_NONE, 0, 0},
        {"lines=1-2", S3_RANGE_NONE, 0, 0},
        {"", S3_RANGE_NONE, 0, 0},
    };
    for (int i = 0; i < countof(cases); i++) {
        int64_t offset = 0, length = 0;
        eq_int(s3_range(str_from(cases[i].header), 10, &offset, &length), cases[i].kind);
        if (cases[i].kind != S3_RANGE_OK) continue;
        eq_int(offset, cases[i].offset);
        eq_int(length, cases[i].length);
    }
    int64_t offset, length;
    eq_int(s3_range(S("bytes=0-0"), 0, &offset, &length), S3_RANGE_BAD);
    eq_int(s3_range(S("bytes=-1"), 0, &offset, &length), S3_RANGE_BAD);
}

TEST(s3_conditions_compare_etags)
{
    ok(etag_matches(S("*"), S("e")) && etag_matches(S("\"e\""), S("e")) &&
       etag_matches(S("e"), S("e")));
    ok(etag_matches(S("\"a\" , \"e\""), S("e")) && !etag_matches(S("\"a\",\"b\""), S("e")));
    ok(!etag_matches(S("\"e"), S("e")) && !etag_matches(S(""), S("e")));
}

/* What Terraform reads of every bucket: kind, error of a new bucket (or its answer), and what is
 * put. */
TEST(s3_configurations_of_a_bucket)
{
    static const struct {
        const char *get, *fresh, *put, *in, *after, *delete, *deleted;
    } cases[] = {
        {"GetBucketTagging", "NoSuchTagSet", "PutBucketTagging",
         "{\"Bucket\":\"one\",\"Tagging\":{\"TagSet\":[{\"Key\":\"a\",\"Value\":\"b\"}]}}",
         "{\"TagSet\":[{\"Key\":\"a\",\"Value\":\"b\"}]}", "DeleteBucketTagging", "NoSuchTagSet"},
        {"GetBucketCors", "NoSuchCORSConfiguration", "PutBucketCors",
         "{\"Bucket\":\"one\",\"CORSConfiguration\":{\"CORSRules\":[{\"AllowedMethods\":[\"GET\"],"
         "\"AllowedOrigins\":[\"*\"]}]}}",
         "{\"CORSRules\":[{\"AllowedMethods\":[\"GET\"],\"AllowedOrigins\":[\"*\"]}]}",
         "DeleteBucketCors", "NoSuchCORSConfiguration"},
        {"GetBucketPolicy", "NoSuchBucketPolicy", "PutBucketPolicy",
         "{\"Bucket\":\"one\",\"Policy\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Deny\\\","
         "\\\"Principal\\\":\\\"*\\\",\\\"Action\\\":\\\"s3:*\\\",\\\"Resource\\\":\\\"*\\\"}]}\"}",
         "{\"Policy\":\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":\\\"*"
         "\\\",\\\"Action\\\":\\\"s3:*\\\",\\\"Resource\\\":\\\"*\\\"}]}\"}",
         "DeleteBucketPolicy", "NoSuchBucketPolicy"},
        {"GetPublicAccessBlock",
         "{\"PublicAccessBlockConfiguration\":{\"BlockPublicAcls\":true,\"IgnorePublicAcls\":true,"
         "\"BlockPublicPolicy\":true,"
         "\"RestrictPublicBuckets\":true}}",
         "PutPublicAccessBlock",
         "{\"Bucket\":\"one\",\"PublicAccessBlockConfiguration\":{\"BlockPublicAcls\":true}}",
         "{\"PublicAccessBlockConfiguration\":{\"BlockPublicAcls\":true,\"IgnorePublicAcls\":false,"
         "\"BlockPublicPolicy\":false,"
         "\"RestrictPublicBuckets\":false}}",
         "DeletePublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"},
        {"GetBucketNotificationConfiguration", "{}", "PutBucketNotificationConfiguration",
         "{\"Bucket\":\"one\",\"NotificationConfiguration\":{\"EventBridgeConfiguration\":{}}}",
         "{\"EventBridgeConfiguration\":{}}", NULL, NULL},
        {"GetBucketRequestPayment", "{\"Payer\":\"BucketOwner\"}", "PutBucketRequestPayment",
         "{\"Bucket\":\"one\",\"RequestPaymentConfiguration\":{\"Payer\":\"Requester\"}}",
         "{\"Payer\":\"BucketOwner\"}", NULL, NULL},
        {"GetBucketLogging", "{}", "PutBucketLogging",
         "{\"Bucket\":\"one\",\"BucketLoggingStatus\":{\"LoggingEnabled\":{\"TargetBucket\":\"b\","
         "\"TargetPrefix\":\"\"}}}",
         "{}", NULL, NULL},
        {"GetBucketLifecycleConfiguration", "NoSuchLifecycleConfiguration",
         "PutBucketLifecycleConfiguration",
         "{\"Bucket\":\"one\",\"LifecycleConfiguration\":{\"Rules\":[{\"ID\":\"i\","
         "\"Status\":\"Disabled\",\"Prefix\":\"\",\"Expiration\":{\"Days\":1}}]}}",
         "{\"TransitionDefaultMinimumObjectSize\":\"all_storage_classes_128K\",\"Rules\":["
         "{\"ID\":\"i\",\"Status\":\"Disabled\",\"Prefix\":\"\",\"Expiration\":{\"Days\":1}}]}",
         "DeleteBucketLifecycle", "NoSuchLifecycleConfiguration"},
        {"GetBucketReplication", "ReplicationConfigurationNotFoundError", NULL, NULL,
         "ReplicationConfigurationNotFoundError", "DeleteBucketReplication",
         "ReplicationConfigurationNotFoundError"},
        {"GetBucketWebsite", "NoSuchWebsiteConfiguration", NULL, NULL, "NoSuchWebsiteConfiguration",
         NULL, NULL},
        {"GetObjectLockConfiguration", "ObjectLockConfigurationNotFoundError", NULL, NULL,
         "ObjectLockConfigurationNotFoundError", NULL, NULL},
        {"GetBucketAccelerateConfiguration", "{}", NULL, NULL, "{}", NULL, NULL},
        {"GetBucketMetricsConfiguration", "NoSuchConfiguration", NULL, NULL, "NoSuchConfiguration",
         NULL, NULL},
        {"ListBucketInventoryConfigurations", "{\"IsTruncated\":false}", NULL, NULL,
         "{\"IsTruncated\":false}", NULL, NULL},
    };
    Desk *d = desk_open();
    for (int i = 0; i < countof(cases); i++) {
        eq_str(ask(d, cases[i].get, "{\"Bucket\":\"one\"}"), str_from(cases[i].fresh));
        if (cases[i].put) ask(d, cases[i].put, cases[i].in);
        eq_str(ask(d, cases[i].get, "{\"Bucket\":\"one\"}"), str_from(cases[i].after));
        if (!cases[i].delete) continue;
        eq_str(ask(d, cases[i].delete, "{\"Bucket\":\"one\"}"), S("{}"));
        if (cases[i].deleted)
            eq_str(ask(d, cases[i].get, "{\"Bucket\":\"one\"}"), str_from(cases[i].deleted));
    }
    shop_close(&d->shop);
}

TEST(s3_does_not_pretend)
{
    static const char *const refused[][2] = {
        {"PutBucketReplication", "{\"Bucket\":\"one\",\"ReplicationConfiguration\":{}}"},
        {"PutBucketAccelerateConfiguration",
         "{\"Bucket\":\"one\",\"AccelerateConfiguration\":{\"Status\":\"Enabled\"}}"},
        {"PutBucketVersioning", "{\"Bucket\":\"one\",\"VersioningConfiguration\":{\"Status\":"
                                "\"Enabled\",\"MFADelete\":\"Enabled\"}}"},
        {"GetObject", "{\"Bucket\":\"one\",\"Key\":\"k\",\"SSECustomerAlgorithm\":\"AES256\"}"},
        {"CreateMultipartUpload", "{\"Bucket\":\"one\",\"Key\":\"k\",\"SSECustomerKey\":\"x\"}"},
    };
    Desk *d = desk_open();
    for (int i = 0; i < countof(refused); i++)
        eq_str(ask(d, refused[i][0], refused[i][1]), S("NotImplemented"));
    shop_close(&d->shop);
}

TEST(s3_object_answers_are_the_models)
{
    Desk *d = desk_open();
    put(d,
        "{\"Bucket\":\"one\",\"Key\":\"k\",\"Metadata\":{\"a\":\"1\"},\"Tagging\":\"t=1\","
        "\"ContentEncoding\":\"gzip, aws-chunked\","
        "\"StorageClass\":\"STANDARD_IA\"}",
        S("0123456789"));
    eq_str(member(d, "ETag"),
           S("\"781e5e245d69b566979b86e28d23f2c7\"")); /* md5sum of the ten digits */
    ask(d, "GetObject",
        "{\"Bucket\":\"one\",\"Key\":\"k\",\"ChecksumMode\":\"ENABLED\",\"ResponseContentType\":"
        "\"text/csv\"}");
    eq_str(d->last.out_body, S("0123456789"));
    eq_str(member(d, "ContentType"), S("text/csv"));
    eq_str(member(d, "ContentEncoding"), S("gzip"));
    eq_str(member(d, "StorageClass"), S("STANDARD_IA"));
    eq_str(member(d, "Metadata.a"), S("1"));
    eq_str(member(d, "TagCount"), S("1"));
    ok(member(d, "ChecksumCRC64NVME").n == 12);
    ask(d, "GetObject",
        "{\"Bucket\":\"one\",\"Key\":\"k\",\"Range\":\"bytes=2-4\",\"ChecksumMode\":\"ENABLED\"}");
    eq_str(d->last.out_body, S("234"));
    eq_int(d->last.status, 206);
    eq_str(member(d, "ContentRange"), S("bytes 2-4/10"));
    ok(str_absent(member(d, "ChecksumCRC64NVME")));
    ask(d, "HeadObject", "{\"Bucket\":\"one\",\"Key\":\"k\"}");
    eq_str(member(d, "ContentLength"), S("10"));
    ask(d, "GetObjectAttributes",
        "{\"Bucket\":\"one\",\"Key\":\"k\",\"ObjectAttributes\":[\"ETag\",\"Checksum\","
        "\"ObjectSize\","
        "\"ObjectParts\",\"StorageClass\"]}");
    eq_str(member(d, "ETag"), S("781e5e245d69b566979b86e28d23f2c7"));
    eq_str(member(d, "ObjectSize"), S("10"));
    ask(d, "GetObjectAcl", "{\"Bucket\":\"one\",\"Key\":\"k\"}");
    ask(d, "GetObjectTagging", "{\"Bucket\":\"one\",\"Key\":\"k\"}");
    ask(d, "CopyObject", "{\"Bucket\":\"one\",\"Key\":\"copy\",\"CopySource\":\"/one/k\"}");
    eq_str(member(d, "CopyObjectResult.ETag"), S("\"781e5e245d69b566979b86e28d23f2c7\""));
    ask(d, "DeleteObjects",
        "{\"Bucket\":\"one\",\"Delete\":{\"Objects\":[{\"Key\":\"k\"},{\"Key\":\"\"}]}}");
    eq_str(json_text(json_get(json_at(json_find(&d->last.out, "Deleted"), 0), S("Key"))), S("k"));
    eq_int(json_count(json_find(&d->last.out, "Errors")), 1);
    eq_str(ask(d, "GetObject", "{\"Bucket\":\"one\",\"Key\":\"k\"}"), S("NoSuchKey"));
    shop_close(&d->shop);
}

TEST(s3_refusals_that_tell_more)
{
    Desk *d = desk_open();
    put(d, "{\"Bucket\":\"one\",\"Key\":\"k\",\"CacheControl\":\"max-age=1\"}", S("x"));
    eq_str(ask(d, "GetObject", "{\"Bucket\":\"one\",\"Key\":\"k\",\"IfNoneMatch\":\"*\"}"),
           S("NotModified"));
    Json told = json_object(&d->last.error_members);
    eq_str(json_text(json_get(&told, S("ETag"))), S("\"9dd4e461268c8034f5c8564e155c67a6\""));
    eq_str(json_text(json_get(&told, S("Cache-Control"))), S("max-age=1"));
    ask(d, "PutBucketVersioning",
        "{\"Bucket\":\"one\",\"VersioningConfiguration\":{\"Status\":\"Enabled\"}}");
    ask(d, "DeleteObject", "{\"Bucket\":\"one\",\"Key\":\"k\"}");
    Str marker = member(d, "VersionId");
    eq_str(ask(d, "GetObject", "{\"Bucket\":\"one\",\"Key\":\"k\"}"), S("NoSuchKey"));
    told = json_object(&d->last.error_members);
    eq_str(json_text(json_get(&told, S("x-amz-version-id"))), marker);
    Str in = str_printf(test_arena(), "{\"Bucket\":\"one\",\"Key\":\"k\",\"VersionId\":\"%.*s\"}",
                        STR(marker));
    eq_str(ask(d, "GetObject", in.p), S("MethodNotAllowed"));
    eq_str(ask(d, "GetObject", "{\"Bucket\":\"one\",\"Key\":\"none\"}"), S("NoSuchKey"));
    told = json_object(&d->last.error_members);
    eq_str(json_to_str(test_arena(), &told), S("{\"Key\":\"none\"}"));
    shop_close(&d->shop);
}

TEST(s3_listing_and_multipart_answers_are_the_models)
{
    Desk *d = desk_open();
    for (int i = 0; i < 3; i++)
        put(d, str_printf(test_arena(), "{\"Bucket\":\"one\",\"Key\":\"a b/%d\"}", i).p, S("x"));
    ask(d, "ListObjectsV2",
        "{\"Bucket\":\"one\",\"MaxKeys\":2,\"EncodingType\":\"url\",\"FetchOwner\":true}");
    eq_int(json_count(json_find(&d->last.out, "Contents")), 2);
    eq_str(json_text(json_get(json_at(json_find(&d->last.out, "Contents"), 0), S("Key"))),
           S("a+b/0"));
    Str token = member(d, "NextContinuationToken");
    ask(d, "ListObjectsV2",
        str_printf(test_arena(), "{\"Bucket\":\"one\",\"ContinuationToken\":\"%.*s\"}", STR(token))
            .p);
    eq_int(json_count(json_find(&d->last.out, "Contents")), 1);
    ask(d, "ListObjects", "{\"Bucket\":\"one\",\"Delimiter\":\"/\",\"Prefix\":\"\"}");
    eq_int(json_count(json_find(&d->last.out, "CommonPrefixes")), 1);
    ask(d, "ListObjectVersions", "{\"Bucket\":\"one\",\"MaxKeys\":1}");
    eq_str(json_text(json_get(json_at(json_find(&d->last.out, "Versions"), 0), S("VersionId"))),
           S("null"));
    ask(d, "ListBuckets", "{\"MaxBuckets\":1}");
    ok(member(d, "ContinuationToken").n > 0);
    ask(d, "CreateMultipartUpload",
        "{\"Bucket\":\"one\",\"Key\":\"m\",\"ChecksumAlgorithm\":\"CRC32C\"}");
    Str id = member(d, "UploadId");
    eq_str(member(d, "ChecksumType"), S("COMPOSITE"));
    Str in = str_printf(test_arena(),
                        "{\"Bucket\":\"one\",\"Key\":\"m\",\"UploadId\":\"%.*s\",\"PartNumber\":1}",
                        STR(id));
    Str body = S("part");
    eq_str(ask_with(d, "UploadPart", in.p, &body),
           S("InvalidRequest")); /* not of the upload's algorithm */
    eq_str(ask(d, "ListParts", in.p), json_to_str(test_arena(), &d->last.out));
    ask(d, "ListMultipartUploads", "{\"Bucket\":\"one\"}");
    eq_int(json_count(json_find(&d->last.out, "Uploads")), 1);
    eq_str(ask(d, "AbortMultipartUpload", in.p), S("{}"));
    eq_str(ask(d, "AbortMultipartUpload", in.p), S("NoSuchUpload"));
    shop_close(&d->shop);
}

TEST(s3_tags_have_rules)
{
    Error err = {0};
    Json tags;
    tags =
        parsed("[{\"Key\":\"a\",\"Value\":\"\"},{\"Key\":\"b\",\"Value\":\"+-=._:/@ \\u00e9\"}]");
    ok(s3_check_tags(&tags, 10, &err) && s3_check_tags(NULL, 10, &err));
    static const char *const bad[] = {
        "[{\"Key\":\"\",\"Value\":\"x\"}]", "[{\"Key\":\"aws:x\",\"Value\":\"x\"}]",
        "[{\"Key\":\"a\",\"Value\":\"a&b\"}]", "[{\"Key\":\"a\",\"Value\":\"\\n\"}]",
        "[{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":\"a\",\"Value\":\"2\"}]"};
    for (int i = 0; i < countof(bad); i++) {
        tags = parsed(bad[i]);
        ok(!s3_check_tags(&tags, 10, &err));
        eq_int(err.code, ERR_S3_INVALID_TAG);
    }
}
