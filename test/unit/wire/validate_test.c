/* validate_test.c - constraints of the models in the words of AWS, and S3's own codes. */
#include "wire/validate.h"

#include "test.h"

static Fault fault;

/* The message, or "fine". */
static Str checked(const char *service, const char *operation, const char *input)
{
    Json in;
    Error err;
    check(json_parse(str_from(input), test_arena(), &in, &err));
    const Operation *op = model_operation(model_service(str_from(service)), str_from(operation));
    check(op);
    return validate_input(op, &in, test_arena(), &fault) ? S("fine") : fault.message;
}

TEST(validate_compiles_every_pattern_of_every_table)
{
    int patterns = 0;
    for (int i = 0; i < model_services_n; i++) {
        const Service *s = model_services[i];
        for (int k = 0; k < s->limits_n; k++) {
            if (!s->limits[k].pattern.n) continue;
            patterns++;
            (void)validate_pattern(s, &s->limits[k], S("a"));
        }
    }
    ok(patterns > 50);
}

TEST(validate_reads_javas_patterns)
{
    eq_str(checked("emr", "DescribeCluster", "{\"ClusterId\":\"\\u00e9\\ud83d\\ude00\"}"),
           S("fine"));
    eq_str(checked("emr", "TerminateJobFlows", "{\"JobFlowIds\":[\"j-\\u0001\"]}"),
           S("1 validation error detected: Value '[j-\x01]' at 'jobFlowIds' failed to satisfy "
             "constraint: Member must "
             "satisfy constraint: [Member must satisfy regular expression pattern: "
             "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\r\\n\\t]*]"));
    eq_str(
        checked("iam", "CreateRole", "{\"RoleName\":\"a b\",\"AssumeRolePolicyDocument\":\"{}\"}"),
        S("1 validation error detected: Value 'a b' at 'roleName' failed to satisfy constraint: "
          "Member must satisfy "
          "regular expression pattern: [\\w+=,.@-]+"));
    eq_str(fault.code, S("ValidationError"));
}

static Str checked_name(Str name)
{
    Str in =
        str_printf(test_arena(), "{\"stateMachineArn\":\"arn:x\",\"name\":\"%.*s\"}", STR(name));
    return checked("stepfunctions", "StartExecution", str_z(test_arena(), in));
}

TEST(validate_measures_lengths_in_characters_and_values_exactly)
{
    Buf name = {.a = test_arena()};
    for (int i = 0; i < 80; i++) buf_put(&name, S("\xc3\xa9"));
    eq_str(checked_name(buf_str(&name)), S("fine"));
    buf_putc(&name, 'x');
    ok(str_ends(checked_name(buf_str(&name)), S("at 'name' failed to satisfy constraint: Member "
                                                "must have length less than or equal to 80")));
    eq_str(checked("sts", "GetSessionToken", "{\"DurationSeconds\":899}"),
           S("1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy "
             "constraint: Member must have "
             "value greater than or equal to 900"));
}

TEST(validate_reports_lists_of_words_once_with_all_rules)
{
    eq_str(
        checked("emr", "ListClusters", "{\"ClusterStates\":[\"WAITING\",\"FLYING\",\"DIVING\"]}"),
        S("1 validation error detected: Value '[WAITING, FLYING, DIVING]' at 'clusterStates' "
          "failed to satisfy "
          "constraint: Member must satisfy constraint: [Member must satisfy enum value set: "
          "[STARTING, BOOTSTRAPPING, "
          "RUNNING, WAITING, TERMINATING, TERMINATED, TERMINATED_WITH_ERRORS]]"));
    eq_str(checked("emr", "TerminateJobFlows", "{\"JobFlowIds\":[null]}"),
           S("1 validation error detected: Value null at 'jobFlowIds.1.member' failed to satisfy "
             "constraint: Member must "
             "not be null"));
}

TEST(validate_reports_map_keys_and_values)
{
    Str text = checked("logs", "CreateLogGroup",
                       "{\"logGroupName\":\"g\",\"tags\":{\"\":\"v\",\"k\":\"\\u0007\"}}");
    ok(str_starts(
        text,
        S("2 validation errors detected: Value '{=v, k=\x07}' at 'tags' failed to satisfy "
          "constraint: Map "
          "keys must satisfy constraint: [Member must have length greater than or equal to 1")));
    ok(str_find(text, S("; Value '{=v, k=\x07}' at 'tags' failed to satisfy constraint: Map value "
                        "must satisfy constraint: [")) > 0);
}

TEST(validate_hides_sensitive_values)
{
    Str text = checked("stepfunctions", "StopExecution",
                       "{\"executionArn\":\"arn\",\"error\":\"secret\"}");
    eq_str(text, S("fine"));
    text = checked("iam", "ChangePassword", "{\"OldPassword\":\"a\",\"NewPassword\":\"\"}");
    ok(str_find(text, S("Value at 'newPassword' failed")) > 0);
}

TEST(validate_cuts_values_it_repeats)
{
    Buf in = {.a = test_arena()};
    buf_put(&in, S("{\"ClusterStates\":[\""));
    for (int i = 0; i < 2000; i++) buf_put(&in, S("\xc3\xa9"));
    buf_put(&in, S("\"]}\0"));
    Str text = checked("emr", "ListClusters", in.p);
    ok(text.n < 2 * VALIDATE_VALUE_BYTES_MAX && str_find(text, S("...' at 'clusterStates'")) > 0);
}

TEST(validate_answers_s3_with_the_code_of_the_place)
{
    eq_str(checked("s3", "PutObject", "{\"Bucket\":\"b\",\"Key\":\"k\",\"ACL\":\"loud\"}"),
           S("x-amz-acl: Member must satisfy enum value set: [private, public-read, "
             "public-read-write, authenticated-read, "
             "aws-exec-read, bucket-owner-read, bucket-owner-full-control]"));
    eq_str(fault.code, S("InvalidArgument"));
    eq_str(json_text(json_get(&fault.members, S("ArgumentValue"))), S("loud"));
    (void)checked("s3", "PutObject", "{\"Bucket\":\"b\",\"Key\":\"k\",\"StorageClass\":\"LOST\"}");
    eq_str(fault.code, S("InvalidStorageClass"));
    (void)checked("s3", "DeleteObjects", "{\"Bucket\":\"b\"}");
    eq_str(fault.code, S("MissingRequestBodyError"));
    (void)checked("s3", "DeleteObjects", "{\"Bucket\":\"b\",\"Delete\":{}}");
    eq_str(fault.code, S("MalformedXML"));
    eq_int(fault.status, 400);
}

TEST(validate_types_names_what_a_handler_got_wrong)
{
    Json out;
    Error err;
    const Operation *op = model_operation(model_service(S("emr")), S("DescribeCluster"));
    check(json_parse(S("{\"Cluster\":{\"Id\":\"j\",\"Tags\":[{\"Key\":1}]}}"), test_arena(), &out,
                     &err));
    eq_str(validate_output(op, &out, test_arena()),
           S("cluster.tags.1.member.key has another type in the model"));
    check(json_parse(S("{\"Clusterr\":null}"), test_arena(), &out, &err));
    eq_str(validate_output(op, &out, test_arena()), S("clusterr is not in the model"));
}
