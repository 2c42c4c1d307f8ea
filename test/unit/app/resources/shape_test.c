/* shape_test.c - properties of templates in the shapes of requests: buckets, clusters, substitutions, what fits and what not. */
#include "app/resources/emr_shape.h"
#include "app/resources/fit.h"
#include "app/resources/lambda_inline.h"
#include "app/resources/s3_bucket_shape.h"
#include "app/resources/substitute.h"
#include "test.h"
#include "wire/zip.h"

static Json parse(const char *text)
{
    Json v;
    Error err = {0};
    ok(json_parse(str_from(text), test_arena(), &v, &err));
    return v;
}

static void eq_shape(const char *property, const char *given, const char *wanted)
{
    Json in = parse(given), out = s3_bucket_shape(str_from(property), &in, test_arena());
    eq_str(json_to_str(test_arena(), &out), str_from(wanted));
}

TEST(bucket_shapes)
{
    eq_shape("BucketEncryption",
             "{\"ServerSideEncryptionConfiguration\":[{\"ServerSideEncryptionByDefault\":"
             "{\"SSEAlgorithm\":\"AES256\"}}]}",
             "{\"Rules\":[{\"ApplyServerSideEncryptionByDefault\":{\"SSEAlgorithm\":\"AES256\"}}]"
             "}");
    eq_shape("CorsConfiguration", "{\"CorsRules\":[{\"MaxAge\":3,\"ExposedHeaders\":[\"x\"]}]}",
             "{\"CORSRules\":[{\"MaxAgeSeconds\":3,\"ExposeHeaders\":[\"x\"]}]}");
    eq_shape("WebsiteConfiguration", "{\"IndexDocument\":\"i.html\",\"ErrorDocument\":\"e.html\"}",
             "{\"IndexDocument\":{\"Suffix\":\"i.html\"},\"ErrorDocument\":{\"Key\":\"e.html\"}}");
    eq_shape("NotificationConfiguration",
             "{\"LambdaConfigurations\":[{\"Event\":\"s3:ObjectCreated:*\",\"Function\":\"f\","
             "\"Filter\":{\"S3Key\":{\"Rules\":[{\"Name\":\"prefix\",\"Value\":\"p\"}]}}}],"
             "\"EventBridgeConfiguration\":{\"EventBridgeEnabled\":true}}",
             "{\"LambdaFunctionConfigurations\":[{\"Events\":[\"s3:ObjectCreated:*\"],"
             "\"LambdaFunctionArn\":\"f\",\"Filter\":{\"Key\":{\"FilterRules\":[{\"Name\":"
             "\"prefix\",\"Value\":\"p\"}]}}}],\"EventBridgeConfiguration\":{}}");
}

TEST(bucket_lifecycle_shapes)
{
    eq_shape("LifecycleConfiguration",
             "{\"Rules\":[{\"Id\":\"a\",\"Status\":\"Enabled\",\"Prefix\":\"raw/\","
             "\"ExpirationInDays\":30,\"NoncurrentVersionExpirationInDays\":7,"
             "\"Transitions\":[{\"StorageClass\":\"GLACIER\",\"TransitionInDays\":9}]}]}",
             "{\"Rules\":[{\"ID\":\"a\",\"Status\":\"Enabled\",\"Expiration\":{\"Days\":30},"
             "\"NoncurrentVersionExpiration\":{\"NoncurrentDays\":7},\"Transitions\":"
             "[{\"StorageClass\":\"GLACIER\",\"Days\":9}],\"Filter\":{\"Prefix\":\"raw/\"}}]}");
    eq_shape("LifecycleConfiguration",
             "{\"Rules\":[{\"Status\":\"Enabled\",\"Prefix\":\"x\",\"TagFilters\":[{\"Key\":\"k\","
             "\"Value\":\"v\"}]}]}",
             "{\"Rules\":[{\"Status\":\"Enabled\",\"Filter\":{\"And\":{\"Prefix\":\"x\",\"Tags\":"
             "[{\"Key\":\"k\",\"Value\":\"v\"}]}}}]}");
}

TEST(cluster_shapes)
{
    Json in = parse("{\"Instances\":{\"MasterInstanceGroup\":{\"InstanceType\":\"m5.xlarge\"},"
                    "\"TaskInstanceGroups\":[{\"InstanceCount\":2}]},\"Configurations\":["
                    "{\"Classification\":\"spark\",\"ConfigurationProperties\":{\"a\":\"b\"}}],"
                    "\"Steps\":[{\"Name\":\"s\",\"HadoopJarStep\":{\"StepProperties\":[]}}]}"),
         out = emr_cluster_shape(&in, test_arena());
    eq_str(json_to_str(test_arena(), &out),
           S("{\"Instances\":{\"InstanceGroups\":[{\"InstanceRole\":\"MASTER\",\"InstanceType\":"
             "\"m5.xlarge\"},{\"InstanceRole\":\"TASK\",\"InstanceCount\":2}],"
             "\"KeepJobFlowAliveWhenNoSteps\":true,\"TerminationProtected\":false},"
             "\"Configurations\":[{\"Classification\":\"spark\",\"Properties\":{\"a\":\"b\"}}],"
             "\"Steps\":[{\"Name\":\"s\",\"HadoopJarStep\":{\"Properties\":[]}}]}"));
}

TEST(substitutions)
{
    Json names = parse("{\"Role\":\"r\",\"N\":3}");
    eq_str(substitute(S("${Role} ${N}${Other} $ ${"), &names, test_arena()), S("r 3${Other} $ ${"));
    eq_str(substitute(S("${Role}"), NULL, test_arena()), S("${Role}"));
}

static Error fitted(const char *operation, const char *member, const char *given, Json *out)
{
    Error err = {0};
    const Service *s = model_service(S("stepfunctions"));
    Fit f = {test_arena(), S("Machine"), s};
    Json v = parse(given);
    if (!fit_member(&f, model_input(model_operation(s, str_from(operation))), str_from(member), &v,
                    S("#/P"), out, &err))
        check(err.code);
    return err;
}

TEST(values_fit)
{
    Json out;
    Error err = fitted("CreateStateMachine", "loggingConfiguration",
                       "{\"IncludeExecutionData\":\"true\",\"Level\":\"ALL\"}", &out);
    eq_int(err.code, ERR_NONE);
    eq_str(json_to_str(test_arena(), &out), S("{\"includeExecutionData\":true,\"level\":\"ALL\"}"));
    err = fitted("CreateStateMachine", "definition", "{\"StartAt\":\"A\"}", &out);
    eq_str(json_text(&out), S("{\"StartAt\":\"A\"}"));
}

TEST(values_that_do_not_fit)
{
    Json out;
    Error err = fitted("CreateStateMachine", "loggingConfiguration", "{\"Levle\":\"ALL\"}", &out);
    eq_str(error_text(&err), S("Properties validation failed for resource Machine with message:\n"
                               "#/P: extraneous key [Levle] is not permitted"));
    err = fitted("CreateStateMachine", "tracingConfiguration", "{\"Enabled\":\"maybe\"}", &out);
    eq_str(error_text(&err), S("Properties validation failed for resource Machine with message:\n"
                               "#/P/Enabled: expected type: Boolean, found: String"));
    err = fitted("CreateStateMachine", "tags", "\"x\"", &out);
    eq_str(error_text(&err), S("Properties validation failed for resource Machine with message:\n"
                               "#/P: expected type: JSONArray, found: String"));
}

static bool add_piece(void *to, Str piece, Error *err)
{
    (void)err;
    buf_put(to, piece);
    return true;
}

TEST(inline_code_is_a_zip)
{
    Str bytes;
    Zip zip;
    Error err = {0};
    Buf first = {.a = test_arena()};
    ZipLimits limits = {10, 1 << 20};
    ok(lambda_inline_zip(S("python3.12"), S("def handler(e, c): pass\n"), test_arena(), &bytes,
                         &err));
    ok(zip_open(bytes, &limits, test_arena(), &zip, &err));
    eq_int(zip.n, 2);
    eq_str(zip.members[0].name, S("index.py"));
    ok(zip_unpack(&zip, &zip.members[0], add_piece, &first, &err));
    eq_str(buf_str(&first), S("def handler(e, c): pass\n"));
    eq_str(zip.members[1].name, S("cfnresponse.py"));
    ok(!lambda_inline_zip(S("java21"), S("x"), test_arena(), &bytes, &err));
}
