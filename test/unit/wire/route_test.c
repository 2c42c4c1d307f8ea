/* route_test.c - which operation a request means: scopes, targets, hosts, S3's sub-resources. */
#include "wire/route.h"

#include "test.h"

static Route route;
static Fault fault;

/* "GET /b?acl" with further header lines; gives the operation's name or the fault's code. */
static Str meant(const char *scope, const char *line, const char *headers, const char *body)
{
    static HttpRequest r;
    Arena *a = test_arena();
    bool hosted = strstr(headers, "Host:") != NULL;
    Str head = str_printf(a, "%s HTTP/1.1\r\n%s%s\r\n", line,
                          hosted ? "" : "Host: localhost:4566\r\n", headers);
    ok(http1_parse(head, &r) == head.n);
    if (!route_head(&r, str_from(scope), S("localhost"), a, &route, &fault)) return fault.code;
    if (!route_body(&r, str_from(body), a, &route, &fault)) return fault.code;
    return model_operation_name(route.operation);
}

static Str label(const char *name)
{
    for (int i = 0; i < route.labels_n; i++)
        if (str_eq(route.labels[i].name, str_from(name))) return route.labels[i].value;
    return (Str){0};
}

TEST(route_finds_s3_operations_by_method_path_query_and_headers)
{
    static const struct {
        const char *line, *headers, *want;
    } cases[] = {
        {"GET /", "", "ListBuckets"},
        {"GET /?x-id=ListBuckets", "", "ListBuckets"},
        {"HEAD /b", "", "HeadBucket"},
        {"PUT /b", "", "CreateBucket"},
        {"PUT /b/", "", "CreateBucket"},
        {"DELETE /b", "", "DeleteBucket"},
        {"GET /b", "", "ListObjects"},
        {"GET /b/", "", "ListObjects"},
        {"GET /b?prefix=a&marker=b", "", "ListObjects"},
        {"GET /b?list-type=2&prefix=a", "", "ListObjectsV2"},
        {"GET /b?versions", "", "ListObjectVersions"},
        {"GET /b?uploads&prefix=x", "", "ListMultipartUploads"},
        {"GET /b?location", "", "GetBucketLocation"},
        {"GET /b?location=", "", "GetBucketLocation"},
        {"GET /b?versioning", "", "GetBucketVersioning"},
        {"GET /b?lifecycle", "", "GetBucketLifecycleConfiguration"},
        {"GET /b?notification", "", "GetBucketNotificationConfiguration"},
        {"GET /b?analytics", "", "ListBucketAnalyticsConfigurations"},
        {"GET /b?analytics&id=1", "", "GetBucketAnalyticsConfiguration"},
        {"PUT /b?tagging", "", "PutBucketTagging"},
        {"POST /b?delete", "", "DeleteObjects"},
        {"GET /b/k", "", "GetObject"},
        {"GET /b/k?x-id=GetObject&versionId=1", "", "GetObject"},
        {"GET /b/k?response-content-type=a", "", "GetObject"},
        {"HEAD /b/k", "", "HeadObject"},
        {"GET /b/k?tagging", "", "GetObjectTagging"},
        {"GET /b/k?acl", "", "GetObjectAcl"},
        {"GET /b/k?attributes", "x-amz-object-attributes: ETag\r\n", "GetObjectAttributes"},
        {"GET /b/k?attributes", "", "GetObjectAttributes"},
        {"GET /b/k?uploadId=u", "", "ListParts"},
        {"PUT /b/k", "", "PutObject"},
        {"PUT /b/k?X-Amz-Signature=1&X-Amz-Expires=2", "", "PutObject"},
        {"PUT /b/k", "x-amz-copy-source: /b/other\r\n", "CopyObject"},
        {"PUT /b/k?x-amz-copy-source=b%2Fo", "", "CopyObject"},
        {"PUT /b/k?partNumber=1&uploadId=u", "", "UploadPart"},
        {"PUT /b/k?partNumber=1&uploadId=u", "x-amz-copy-source: /b/other\r\n", "UploadPartCopy"},
        {"PUT /b/k?tagging", "", "PutObjectTagging"},
        {"POST /b/k?uploads", "", "CreateMultipartUpload"},
        {"POST /b/k?uploadId=u", "", "CompleteMultipartUpload"},
        {"DELETE /b/k?uploadId=u", "", "AbortMultipartUpload"},
        {"DELETE /b/k", "", "DeleteObject"},
        {"POST /b/k?select&select-type=2", "", "SelectObjectContent"},
    };
    for (int i = 0; i < countof(cases); i++) {
        Str got = meant("s3", cases[i].line, cases[i].headers, "");
        if (!str_eq(got, str_from(cases[i].want)))
            test_fail(__FILE__, __LINE__, "%s: got %.*s, want %s", cases[i].line, STR(got),
                      cases[i].want);
    }
}

TEST(route_refuses_what_would_mean_something_else_to_s3)
{
    eq_str(meant("s3", "PUT /b?location", "", ""), S("MethodNotAllowed"));
    eq_int(fault.status, 405);
    eq_str(meant("s3", "POST /b/k", "", ""), S("MethodNotAllowed"));
    eq_str(meant("s3", "POST /b/k?acl", "", ""), S("MethodNotAllowed"));
    eq_str(meant("s3", "DELETE /b/k?acl", "", ""), S("MethodNotAllowed"));
    eq_str(meant("s3", "OPTIONS /b", "", ""), S("MethodNotAllowed"));
    eq_str(meant("s3", "PUT /b/k?uploadId=u", "", ""), S("InvalidArgument"));
    eq_str(meant("s3", "PUT /b/k?versionId=1", "", ""), S("InvalidArgument"));
    eq_str(fault.message, S("This operation does not accept a version-id."));
    eq_str(meant("s3", "GET /b?prefix=%zz", "", ""), S("InvalidURI"));
}

TEST(route_takes_labels_from_path_and_host)
{
    eq_str(meant("s3", "GET /bucket/a/b%20//c/", "", ""), S("GetObject"));
    eq_str(label("Bucket"), S("bucket"));
    eq_str(label("Key"), S("a/b%20//c/"));
    eq_str(meant("s3", "GET /a/b", "Host: my.bucket.s3.localhost:4566\r\n", ""), S("GetObject"));
    eq_str(label("Bucket"), S("my.bucket"));
    eq_str(label("Key"), S("a/b"));
    eq_str(meant("s3", "GET /", "Host: my.s3.eu-west-1.amazonaws.com\r\n", ""), S("ListObjects"));
    eq_str(label("Bucket"), S("my"));
    eq_str(meant("s3", "GET /?list-type=2", "Host: my.localhost:4566\r\n", ""), S("ListObjectsV2"));
    eq_str(meant("s3", "GET /my", "Host: s3.localhost\r\n", ""), S("ListObjects"));
    eq_str(label("Bucket"), S("my"));
}

TEST(route_reads_buckets_from_hosts)
{
    eq_str(route_bucket_of_host(S("b.s3.localhost:4566"), S("localhost")), S("b"));
    eq_str(route_bucket_of_host(S("a.s3.b.s3-us-west-2.amazonaws.com"), S("localhost")),
           S("a.s3.b"));
    eq_str(route_bucket_of_host(S("b.LOCALHOST"), S("localhost")), S("b"));
    const char *none[] = {"localhost",    "localhost:80",       "127.0.0.1:4566", "[::1]:4566",
                          "s3.localhost", "s3.eu-west-1.x.com", "example.com",    "",
                          ".localhost"};
    for (int i = 0; i < countof(none); i++)
        ok(str_absent(route_bucket_of_host(str_from(none[i]), S("localhost"))));
}

TEST(route_knows_at_the_head_what_streams)
{
    meant("s3", "PUT /b/k", "", "");
    ok(route.streams && route.body_bytes_max == ROUTE_STREAM_BYTES_MAX);
    meant("s3", "PUT /b/k?tagging", "", "");
    ok(!route.streams && route.body_bytes_max < (64 << 20));
    meant("s3", "GET /b/k", "", "");
    ok(!route.streams);
}

#define FORM "Content-Type: application/x-www-form-urlencoded\r\n"

TEST(route_finds_query_operations_in_form_and_url)
{
    eq_str(meant("sts", "POST /", FORM, "Action=GetCallerIdentity&Version=2011-06-15"),
           S("GetCallerIdentity"));
    eq_str(meant("sts", "GET /?Action=GetCallerIdentity&Version=2011-06-15", "", ""),
           S("GetCallerIdentity"));
    eq_str(meant("iam", "POST /", FORM, "Action=GetUser&Version=2010-05-08"), S("GetUser"));
    eq_str(meant("iam", "POST /", FORM, "Action=Fly&Version=2010-05-08"), S("InvalidAction"));
    eq_str(fault.message, S("Could not find operation Fly for version 2010-05-08"));
    eq_str(meant("iam", "POST /", FORM, "Action=GetUser&Version=1999-01-01"), S("InvalidAction"));
    eq_str(meant("iam", "POST /", FORM, "Version=2010-05-08"), S("MissingAction"));
    eq_str(meant("iam", "POST /", FORM, "Action=%"), S("MalformedInput"));
    eq_int(fault.status, 400);
}

TEST(route_finds_the_service_of_unsigned_requests)
{
    eq_str(meant(NULL, "POST /", FORM, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"),
           S("AssumeRoleWithWebIdentity"));
    eq_str(meant(NULL, "POST /", "X-Amz-Target: AWSStepFunctions.StartExecution\r\n", "{}"),
           S("StartExecution"));
    eq_str(meant(NULL, "POST /", "X-Amz-Target: Logs_20140328.PutLogEvents\r\n", "{}"),
           S("PutLogEvents"));
    eq_str(meant(NULL, "GET /b/k", "", ""), S("GetObject"));
    eq_str(meant(NULL, "GET /schedules/x", "Host: scheduler.us-east-1.amazonaws.com\r\n", ""),
           S("GetSchedule"));
    eq_str(meant(NULL, "POST /", FORM, "Action=Fly"), S("InvalidAction"));
}

TEST(route_refuses_services_it_does_not_have_in_their_protocol)
{
    eq_str(meant("dynamodb", "POST /", "X-Amz-Target: DynamoDB_20120810.ListTables\r\n", "{}"),
           S("UnknownOperationException"));
    eq_int(route.service->protocol, PROTOCOL_AWS_JSON_1_1);
    eq_str(meant("rds", "POST /", FORM, "Action=DescribeDBInstances&Version=2014-10-31"),
           S("InvalidAction"));
    eq_int(route.service->protocol, PROTOCOL_AWS_QUERY);
    eq_str(meant("batch", "POST /v1/submitjob", "", "{}"), S("UnknownOperationException"));
    eq_int(route.service->protocol, PROTOCOL_REST_JSON);
}

TEST(route_finds_rest_json_operations_by_path)
{
    eq_str(meant("scheduler", "GET /schedules/my%20one?groupName=g", "", ""), S("GetSchedule"));
    eq_str(label("Name"), S("my%20one"));
    eq_str(meant("scheduler", "GET /schedules", "", ""), S("ListSchedules"));
    eq_str(meant("scheduler", "DELETE /schedule-groups/g", "", ""), S("DeleteScheduleGroup"));
    eq_str(meant("scheduler", "GET /nothing", "", ""), S("UnknownOperationException"));
}
