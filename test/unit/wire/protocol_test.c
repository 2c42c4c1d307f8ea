/* protocol_test.c - requests written by hand through route, decode and validate, and answers as AWS writes them. */
#include "wire/protocol.h"

#include "test.h"
#include "wire/validate.h"

/* One request, given as text with the body after an empty line. */
typedef struct Exchange {
    HttpRequest http;
    Route route;
    Fault fault;
    Json in;
    bool good;
} Exchange;

static Exchange *exchange(const char *scope, const char *head, const char *body)
{
    Arena *a = test_arena();
    Exchange *x = new (a, Exchange);
    Str text = str_printf(a, "%s\r\n\r\n", head);
    ok(http1_parse(text, &x->http) == text.n);
    x->good = route_head(&x->http, str_from(scope), S("localhost"), a, &x->route, &x->fault) &&
              route_body(&x->http, str_from(body), a, &x->route, &x->fault) &&
              protocol_decode(&x->route, &x->http, str_from(body), a, &x->in, &x->fault) &&
              validate_input(x->route.operation, &x->in, a, &x->fault);
    return x;
}

static Str operation_of(const Exchange *x)
{
    return x->route.operation ? model_operation_name(x->route.operation) : x->fault.code;
}

static Str input_of(const Exchange *x)
{
    return x->good ? json_to_str(test_arena(), &x->in) : x->fault.message;
}

static Str encode(const char *service, const char *operation, const char *out, HttpReply *reply)
{
    Json v;
    Error err;
    ok(json_parse(str_from(out), test_arena(), &v, &err));
    const Operation *op = model_operation(model_service(str_from(service)), str_from(operation));
    ok(str_absent(validate_output(op, &v, test_arena())));
    protocol_encode(op->service->protocol, op, &v, (Str){0}, S("req-1"), test_arena(), reply);
    return reply->body;
}

static Str header(const HttpReply *reply, const char *name)
{
    for (int64_t i = 0; i < reply->headers.n; i++)
        if (str_eq_nocase(reply->headers.p[i].name, str_from(name)))
            return reply->headers.p[i].value;
    return (Str){0};
}

#define EMR(operation)                                                                             \
    "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: ElasticMapReduce." operation

TEST(awsjson_decodes_what_the_model_knows_and_drops_nulls_and_the_unknown)
{
    Exchange *x = exchange("elasticmapreduce", EMR("DescribeStep"),
                           "{\"ClusterId\":\"j-1\",\"Extra\":{\"a\":1},\"StepId\":\"s-1\"}");
    eq_str(operation_of(x), S("DescribeStep"));
    eq_str(input_of(x), S("{\"ClusterId\":\"j-1\",\"StepId\":\"s-1\"}"));
    x = exchange("elasticmapreduce", EMR("ListClusters"),
                 "{\"CreatedAfter\":1.7e9,\"Marker\":null}");
    eq_str(input_of(x), S("{\"CreatedAfter\":1700000000}"));
    x = exchange("elasticmapreduce", EMR("ListClusters"), "");
    eq_str(input_of(x), S("{}"));
}

TEST(awsjson_refuses_wrong_types_and_unknown_operations)
{
    Exchange *x = exchange("elasticmapreduce", EMR("DescribeCluster"), "{\"ClusterId\":7}");
    eq_str(x->fault.code, S("SerializationException"));
    eq_str(x->fault.message, S("NUMBER_VALUE can not be converted to a String at clusterId"));
    x = exchange("elasticmapreduce", EMR("Explode"), "{}");
    eq_str(x->fault.code, S("UnknownOperationException"));
    x = exchange("dynamodb",
                 "POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: DynamoDB_20120810.ListTables", "{}");
    eq_str(x->fault.code, S("UnknownOperationException"));
    x = exchange("elasticmapreduce", EMR("ListClusters"), "[1");
    eq_str(x->fault.code, S("SerializationException"));
}

TEST(validation_collects_all_violations_in_the_words_of_aws)
{
    Exchange *x =
        exchange("elasticmapreduce", EMR("RunJobFlow"),
                 "{\"Steps\":[{\"Name\":\"a\",\"ActionOnFailure\":\"FLY\",\"HadoopJarStep\":{}}]}");
    eq_str(x->fault.code, S("ValidationException"));
    eq_str(x->fault.message,
           S("4 validation errors detected: Value null at 'name' failed to satisfy constraint: "
             "Member must not be null; "
             "Value null at 'instances' failed to satisfy constraint: Member must not be null; "
             "Value 'FLY' at 'steps.1.member.actionOnFailure' failed to satisfy constraint: Member "
             "must satisfy enum value "
             "set: [TERMINATE_JOB_FLOW, TERMINATE_CLUSTER, CANCEL_AND_WAIT, CONTINUE]; "
             "Value null at 'steps.1.member.hadoopJarStep.jar' failed to satisfy constraint: "
             "Member must not be null"));
}

TEST(query_answers_with_result_and_metadata)
{
    HttpReply reply;
    Exchange *x = exchange("sts",
                           "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: "
                           "application/x-www-form-urlencoded; charset=utf-8",
                           "Action=GetCallerIdentity&Version=2011-06-15");
    eq_str(operation_of(x), S("GetCallerIdentity"));
    eq_str(encode("sts", "GetCallerIdentity",
                  "{\"Arn\":\"arn:aws:iam::000000000000:root\",\"Account\":\"0<\"}", &reply),
           S("<GetCallerIdentityResponse "
             "xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>"
             "<Arn>arn:aws:iam::000000000000:root</Arn><Account>0&lt;</Account></"
             "GetCallerIdentityResult>"
             "<ResponseMetadata><RequestId>req-1</RequestId></ResponseMetadata></"
             "GetCallerIdentityResponse>"));
    eq_str(header(&reply, "Content-Type"), S("text/xml"));
}

TEST(s3_put_object_streams_and_reads_headers_and_labels)
{
    Exchange *x = exchange("s3",
                           "PUT /bucket/a%20b//c+d?x-id=PutObject HTTP/1.1\r\nHost: "
                           "localhost:4566\r\nContent-Length: 3\r\n"
                           "x-amz-meta-Owner: me\r\nContent-Type: text/plain\r\nExpires: whenever",
                           "abc");
    eq_str(operation_of(x), S("PutObject"));
    ok(x->route.streams);
    eq_int(x->route.body_bytes_max, ROUTE_STREAM_BYTES_MAX);
    eq_str(input_of(x), S("{\"Bucket\":\"bucket\",\"ContentLength\":3,\"ContentType\":\"text/"
                          "plain\",\"Expires\":\"whenever\","
                          "\"Key\":\"a b//c+d\",\"Metadata\":{\"owner\":\"me\"}}"));
}

static Str fault_reply(const char *service, const char *operation, const Fault *f, HttpReply *reply)
{
    const Service *s = model_service(str_from(service));
    protocol_encode_fault(s->protocol, s, model_operation(s, str_from(operation)), f, S("req-1"),
                          test_arena(), reply);
    return reply->body;
}

TEST(faults_are_written_as_each_protocol_does)
{
    HttpReply reply;
    Fault f = {.code = S("InvalidRequestException"),
               .status = 400,
               .message = S("Cluster id 'j-1' is not valid.")};
    fault_add(&f, test_arena(), S("ErrorCode"), S("NoSuchCluster"));
    eq_str(fault_reply("emr", "DescribeCluster", &f, &reply),
           S("{\"__type\":\"InvalidRequestException\",\"ErrorCode\":\"NoSuchCluster\","
             "\"Message\":\"Cluster id 'j-1' is not valid.\"}"));
    eq_str(header(&reply, "x-amzn-ErrorType"), S("InvalidRequestException"));
    f = (Fault){.code = S("NoSuchEntity"), .status = 404, .message = S("no <role>")};
    eq_str(fault_reply("iam", "GetRole", &f, &reply),
           S("<ErrorResponse "
             "xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"
             "<Code>NoSuchEntity</Code><Message>no "
             "&lt;role&gt;</Message></Error><RequestId>req-1</RequestId>"
             "</ErrorResponse>"));
    f = (Fault){
        .code = S("NoSuchKey"), .status = 404, .message = S("The specified key does not exist.")};
    fault_add(&f, test_arena(), S("Key"), S("a&b"));
    fault_add(&f, test_arena(), S("x-amz-delete-marker"), S("true"));
    eq_str(fault_reply("s3", "GetObject", &f, &reply),
           S("<?xml version=\"1.0\" "
             "encoding=\"UTF-8\"?>\n<Error><Code>NoSuchKey</Code><Message>The specified key does "
             "not "
             "exist.</Message><Key>a&amp;b</Key><RequestId>req-1</RequestId><HostId>cmVxLTE=</"
             "HostId></Error>"));
    eq_str(header(&reply, "x-amz-delete-marker"), S("true"));
    eq_str(fault_reply("s3", "HeadObject", &f, &reply), S(""));
    ok(str_absent(header(&reply, "Content-Type")));
}

TEST(faults_of_s3_with_304_are_headers_only_and_cannot_break_them)
{
    HttpReply reply;
    Fault f = {.code = S("NotModified"), .status = 304, .message = S("Not Modified")};
    fault_add(&f, test_arena(), S("ETag"), S("\"abc\""));
    fault_add(&f, test_arena(), S("Key"), S("k"));
    fault_add(&f, test_arena(), S("x-amz-meta-a"), S("1\r\nSet-Cookie: x"));
    eq_str(fault_reply("s3", "GetObject", &f, &reply), S(""));
    eq_str(header(&reply, "ETag"), S("\"abc\""));
    ok(str_absent(header(&reply, "Key")) && str_absent(header(&reply, "x-amz-meta-a")));
}

TEST(fault_names_of_general_errors_depend_on_the_service)
{
    static const struct {
        ErrorCode code;
        const char *service, *name;
        int status;
    } cases[] = {{ERR_VALIDATION, "emr", "ValidationException", 400},
                 {ERR_VALIDATION, "iam", "ValidationError", 400},
                 {ERR_VALIDATION, "s3", "InvalidArgument", 400},
                 {ERR_ACCESS_DENIED, "s3", "AccessDenied", 403},
                 {ERR_INVALID_SIGNATURE, "sts", "SignatureDoesNotMatch", 403},
                 {ERR_DISK_FULL, "emr", "InsufficientStorage", 507},
                 {ERR_DISK_FULL, "s3", "ServiceUnavailable", 503},
                 {ERR_UNRECOGNIZED_CLIENT, "s3", "InvalidAccessKeyId", 403}};
    for (int i = 0; i < countof(cases); i++) {
        Error err = {.code = cases[i].code, .text = "why"};
        Fault f = fault_from_error(model_service(str_from(cases[i].service)), &err);
        eq_str(f.code, str_from(cases[i].name));
        eq_int(f.status, cases[i].status);
        eq_str(f.message, S("why"));
    }
}

TEST(s3_documents_are_those_of_its_reference)
{
    HttpReply reply;
    eq_str(encode("s3", "ListObjectsV2",
                  "{\"Name\":\"b\",\"Prefix\":\"\",\"KeyCount\":1,\"MaxKeys\":1000,\"IsTruncated\":"
                  "false,\"Contents\":"
                  "[{\"Key\":\"a\",\"LastModified\":1700000000,\"ETag\":\"\\\"e\\\"\",\"Size\":3}],"
                  "\"CommonPrefixes\":[]}",
                  &reply),
           S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "
             "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
             "<Name>b</Name><Prefix></Prefix><KeyCount>1</KeyCount><MaxKeys>1000</"
             "MaxKeys><IsTruncated>false</IsTruncated>"
             "<Contents><Key>a</Key><LastModified>2023-11-14T22:13:20.000Z</"
             "LastModified><ETag>&quot;e&quot;</ETag>"
             "<Size>3</Size></Contents></ListBucketResult>"));
    eq_str(header(&reply, "Content-Type"), S("application/xml"));
    Str acl = encode("s3", "GetBucketAcl",
                     "{\"Grants\":[{\"Grantee\":{\"ID\":\"i\",\"Type\":\"CanonicalUser\"},"
                     "\"Permission\":\"READ\"}]}",
                     &reply);
    ok(str_find(
           acl,
           S("<AccessControlList><Grant><Grantee "
             "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
             "xsi:type=\"CanonicalUser\"><ID>i</ID></Grantee><Permission>READ</Permission></Grant>"
             "</AccessControlList>")) > 0);
}

TEST(s3_object_answers_are_headers)
{
    HttpReply reply;
    eq_str(
        encode(
            "s3", "GetObject",
            "{\"ETag\":\"\\\"e\\\"\",\"LastModified\":1700000000,\"ContentRange\":\"bytes 0-0/3\","
            "\"Metadata\":{\"owner\":\"me\"}}",
            &reply),
        S(""));
    eq_int(reply.status, 206);
    eq_str(header(&reply, "Last-Modified"), S("Tue, 14 Nov 2023 22:13:20 GMT"));
    eq_str(header(&reply, "x-amz-meta-owner"), S("me"));
    eq_str(header(&reply, "x-amz-request-id"), S("req-1"));
    encode("s3", "DeleteObject", "{}", &reply);
    eq_int(reply.status, 204);
}

TEST(s3_reads_headers_from_presigned_urls_and_ignores_broken_dates)
{
    Exchange *x =
        exchange("s3", "PUT /b/k?x-amz-meta-A=1&X-Amz-Acl=private HTTP/1.1\r\nHost: h", "");
    eq_str(input_of(x),
           S("{\"ACL\":\"private\",\"Bucket\":\"b\",\"Key\":\"k\",\"Metadata\":{\"a\":\"1\"}}"));
    x = exchange("s3",
                 "GET /b/k HTTP/1.1\r\nHost: h\r\nIf-Modified-Since: soon\r\nRange: bytes=0-1", "");
    eq_str(input_of(x), S("{\"Bucket\":\"b\",\"Key\":\"k\",\"Range\":\"bytes=0-1\"}"));
    x = exchange("s3", "GET /b?max-keys=many HTTP/1.1\r\nHost: h", "");
    eq_str(x->fault.code, S("InvalidArgument"));
    eq_str(x->fault.message, S("Provided max-keys not an integer or within integer range"));
    x = exchange("s3", "GET /b/%ff HTTP/1.1\r\nHost: h", "");
    eq_str(x->fault.code, S("InvalidURI"));
}

TEST(s3_reads_xml_bodies_and_refuses_others)
{
    const char *head = "POST /b?delete HTTP/1.1\r\nHost: h";
    Exchange *x = exchange(
        "s3", head,
        "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet><Object>"
        "<Key> a&amp;b\n</Key></Object><Object><Key>c</Key><New/></Object></Delete>");
    eq_str(input_of(x), S("{\"Bucket\":\"b\",\"Delete\":{\"Objects\":[{\"Key\":\" "
                          "a&b\\n\"},{\"Key\":\"c\"}],\"Quiet\":true}}"));
    const char *wrong[] = {"<Delete>",
                           "<Remove/>",
                           "{}",
                           "<Delete><Quiet>perhaps</Quiet></Delete>",
                           "<!DOCTYPE Delete><Delete/>",
                           "<Delete><Object><Key><b/></Key></Object></Delete>"};
    for (int i = 0; i < countof(wrong); i++)
        eq_str(exchange("s3", head, wrong[i])->fault.code, S("MalformedXML"));
    eq_str(exchange("s3", head, "")->fault.code, S("MissingRequestBodyError"));
}

TEST(query_reads_numbered_lists_in_their_order)
{
    const char *head =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded";
    Exchange *x = exchange(
        "iam", head,
        "Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.10.Key=b&Tags.member.10.Value="
        "&Tags.member.2.Key=a&Tags.member.2.Value=1+2");
    eq_str(input_of(x), S("{\"RoleName\":\"r\",\"Tags\":[{\"Key\":\"a\",\"Value\":\"1 "
                          "2\"},{\"Key\":\"b\",\"Value\":\"\"}]}"));
    x = exchange("iam", head, "Action=TagRole&Version=2010-05-08&RoleName=r&Tags=");
    eq_str(input_of(x), S("{\"RoleName\":\"r\",\"Tags\":[]}"));
    x = exchange("iam", head, "Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.x.Key=b");
    eq_str(x->fault.code, S("MalformedInput"));
    x = exchange("iam", head, "Action=ListRoles&Version=2010-05-08&MaxItems=ten");
    eq_str(x->fault.message, S("The parameter MaxItems is not an integer."));
}
