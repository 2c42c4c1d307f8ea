/* lambda_function.c - AWS::Lambda::Function: its code inline or from S3, its configuration, its concurrency. */
#include "app/resources/lambda_inline.h"
#include "app/resources/recipe.h"
#include "app/resources/types.h"
#include "base/encode.h"

/* What a property that is taken away goes back to. */
typedef struct Reset {
    const char *property, *json;
} Reset;

static const Reset resets[] = {
    {"Description", "\"\""},
    {"Timeout", "3"},
    {"MemorySize", "128"},
    {"Environment", "{\"Variables\":{}}"},
    {"DeadLetterConfig", "{\"TargetArn\":\"\"}"},
    {"Layers", "[]"},
    {"EphemeralStorage", "{\"Size\":512}"},
};

static void put_resets(Resource *r, JsonObject *o)
{
    for (int i = 0; i < countof(resets); i++) {
        Json value;
        Error none;
        Str name = str_from(resets[i].property);
        if (!json_get(&r->before, name) || resource_property(r, name)) continue;
        check(json_parse(str_from(resets[i].json), r->a, &value, &none));
        json_put(o, name, value);
    }
}

static bool inline_code(Resource *r, const Json *code, Json *out, Error *err)
{
    Str zip;
    JsonObject o = {.a = r->a};
    Str text = json_text(json_get(code, S("ZipFile")));
    *out = *code;
    if (str_absent(text)) return true;
    if (!lambda_inline_zip(resource_text(r, S("Runtime")), text, r->a, &zip, err)) return false;
    json_put(&o, S("ZipFile"), json_string(base64_encode(r->a, zip)));
    *out = json_object(&o);
    return true;
}

static bool prepare(Resource *r, Json *properties, Error *err)
{
    Json code;
    JsonObject o = {.a = r->a};
    const Json *given = json_get(properties, S("Code"));
    if (given && !inline_code(r, given, &code, err)) return false;
    for (int32_t i = 0; i < json_count(properties); i++)
        json_put(&o, properties->members[i].key,
                 str_eq(properties->members[i].key, S("Code")) ? code
                                                               : properties->members[i].value);
    put_resets(r, &o);
    *properties = json_object(&o);
    return true;
}

#define CONFIGURATION                                                                              \
    "FunctionName={name} Runtime Role Handler Description Timeout MemorySize VpcConfig "           \
    "DeadLetterConfig Environment KMSKeyArn=KmsKeyArn TracingConfig Layers FileSystemConfigs "     \
    "ImageConfig EphemeralStorage SnapStart LoggingConfig "

static const RecipeRead function_reads[] = {
    {"GetFunction", "FunctionName={id}",
     .gives = "FunctionName=Configuration.FunctionName Runtime=Configuration.Runtime "
              "Role=Configuration.Role Handler=Configuration.Handler "
              "Description=Configuration.Description "
              "Timeout=Configuration.Timeout MemorySize=Configuration.MemorySize "
              "VpcConfig=Configuration.VpcConfig DeadLetterConfig=Configuration.DeadLetterConfig "
              "+Environment=Configuration.Environment TracingConfig=Configuration.TracingConfig "
              "FileSystemConfigs=Configuration.FileSystemConfigs "
              "EphemeralStorage=Configuration.EphemeralStorage "
              "LoggingConfig=Configuration.LoggingConfig "
              "PackageType=Configuration.PackageType Architectures=Configuration.Architectures "
              "KmsKeyArn=Configuration.KMSKeyArn Layers=Configuration.Layers#Arn "
              "ReservedConcurrentExecutions=Concurrency.ReservedConcurrentExecutions Tags"},
    {0},
};

static const Recipe function = {
    .reads = function_reads,
    .found = "Arn={.Configuration.FunctionArn}",
    .service = "lambda",
    .name = "FunctionName",
    .naming = {.bytes_max = 64},
    .prepare = prepare,
    .create = {"CreateFunction",
               CONFIGURATION "Code PackageType CodeSigningConfigArn Architectures Tags=#map"},
    .update = {"UpdateFunctionConfiguration", CONFIGURATION},
    .remove = {"DeleteFunction", "FunctionName={id}"},
    .settings = {{"UpdateFunctionCode",
                  "FunctionName={id} ZipFile=Code.ZipFile S3Bucket=Code.S3Bucket "
                  "S3Key=Code.S3Key S3ObjectVersion=Code.S3ObjectVersion Architectures",
                  "Code Architectures", .later = true},
                 {"PutFunctionConcurrency", "FunctionName={id} ReservedConcurrentExecutions",
                  "ReservedConcurrentExecutions", "DeleteFunctionConcurrency",
                  "FunctionName={id}"}},
    .tag = {"TagResource", "Resource={%Arn} Tags=#map"},
    .untag = {"UntagResource", "Resource={%Arn} TagKeys=#gone"},
    .physical = "{name}",
    .attributes = "Arn={.FunctionArn}",
};

const ResourceType resource_lambda_function = {
    .type = "AWS::Lambda::Function",
    RECIPE_TYPE,
    .recipe = &function,
    .import = recipe_import,
    .identifier = "FunctionName",
    .read = recipe_read,
    .replace = "FunctionName PackageType",
    .required = "Code Role",
    .properties = "FunctionName Runtime Role Handler Description Timeout MemorySize VpcConfig "
                  "DeadLetterConfig Environment KmsKeyArn TracingConfig Layers FileSystemConfigs "
                  "ImageConfig EphemeralStorage SnapStart LoggingConfig Code PackageType "
                  "CodeSigningConfigArn Architectures ReservedConcurrentExecutions "
                  "RuntimeManagementConfig RecursiveLoop Tags",
};
