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
    protocol_encode(op, &v, (Str){0}, S("req-1"), test_arena(), reply);
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
