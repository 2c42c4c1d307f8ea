/* states_machine.c - AWS::StepFunctions::StateMachine: a definition from three places, with its substitutions. */
#include "app/resources/recipe.h"
#include "app/resources/substitute.h"
#include "app/resources/types.h"
#include "app/stacks/template_text.h"
#include "store/objects.h"

enum { DEFINITION_BYTES_MAX = 1024 * 1024 };

static bool read_object(Resource *r, const Object *object, Str *out, Error *err)
{
    ObjectBytes bytes;
    int64_t got = 0;
    if (!object_bytes(r->s->objects, object, r->a, &bytes, err)) return false;
    bool good = true;
    *out = bytes.bytes;
    if (bytes.fd >= 0) {
        char *p = new_array(r->a, char, object->size + 1);
        good = file_read(bytes.fd, 0, p, object->size, &got, err);
        *out = (Str){p, got};
    }
    object_bytes_close(&bytes);
    return good;
}

/* DefinitionS3Location: JSON, or YAML as templates are. */
static bool from_s3(Resource *r, const Json *place, Str *out, Error *err)
{
    Object object;
    Error why = {0};
    Json value;
    Str bucket = json_text(json_get(place, S("Bucket"))),
        key = json_text(json_get(place, S("Key")));
    if (!resource_may(r, S("s3:GetObject"),
                      str_printf(r->a, "arn:aws:s3:::%.*s/%.*s", STR(bucket), STR(key)), err))
        return false;
    if (!object_find(r->s->objects, bucket, key, json_text(json_get(place, S("Version"))), r->a,
                     &object, &why))
        return error_set(err, ERR_VALIDATION,
                         "The state machine's definition s3://%.*s/%.*s cannot be read: %s",
                         STR(bucket), STR(str_slice(key, 0, 300)), why.text);
    if (object.size > DEFINITION_BYTES_MAX)
        return error_set(err, ERR_VALIDATION, "The state machine's definition is larger than 1 MB");
    if (!read_object(r, &object, out, err)) return false;
    if (str_starts(str_trim(*out), S("{"))) return true;
    if (!template_text_read(*out, r->a, &value, err)) return false;
    *out = json_to_str(r->a, &value);
    return true;
}

static bool definition_of(Resource *r, Str *out, Error *err)
{
    const Json *text = resource_property(r, S("DefinitionString")),
               *object = resource_property(r, S("Definition")),
               *place = resource_property(r, S("DefinitionS3Location"));
    if (!!text + !!object + !!place != 1)
        return error_set(err, ERR_VALIDATION,
                         "Property validation failure: exactly one of [DefinitionString, "
                         "Definition, DefinitionS3Location] must be specified");
    if (place) return from_s3(r, place, out, err);
    *out = json_is(text, JSON_STRING) ? json_text(text) : json_to_str(r->a, text ? text : object);
    return true;
}

static bool prepare(Resource *r, Json *properties, Error *err)
{
    Str text;
    JsonObject o = {.a = r->a};
    if (!definition_of(r, &text, err)) return false;
    text = substitute(text, resource_property(r, S("DefinitionSubstitutions")), r->a);
    for (int32_t i = 0; i < json_count(properties); i++)
        json_put(&o, properties->members[i].key, properties->members[i].value);
    json_put(&o, S("DefinitionString"), json_string(text));
    *properties = json_object(&o);
    return true;
}

#define MEMBERS                                                                                    \
    "definition=DefinitionString roleArn=RoleArn loggingConfiguration=LoggingConfiguration "       \
    "tracingConfiguration=TracingConfiguration encryptionConfiguration=EncryptionConfiguration "

static const RecipeRead machine_reads[] = {
    {"DescribeStateMachine", "stateMachineArn={id}",
     .gives =
         "StateMachineName=name StateMachineType=type DefinitionString=definition RoleArn=roleArn "
         "LoggingConfiguration=loggingConfiguration TracingConfiguration=tracingConfiguration "
         "EncryptionConfiguration=encryptionConfiguration"},
    {"ListTagsForResource", "resourceArn={id}", .gives = "Tags=tags"},
    {0},
};

static const Recipe machine = {
    .reads = machine_reads,
    .service = "stepfunctions",
    .name = "StateMachineName",
    .naming = {.bytes_max = 80},
    .prepare = prepare,
    .create = {"CreateStateMachine", "name={name} type=StateMachineType tags=#list " MEMBERS},
    .update = {"UpdateStateMachine", "stateMachineArn={id} " MEMBERS},
    .remove = {"DeleteStateMachine", "stateMachineArn={id}"},
    .tag = {"TagResource", "resourceArn={id} tags=#list"},
    .untag = {"UntagResource", "resourceArn={id} tagKeys=#gone"},
    .physical = "{.stateMachineArn}",
    .attributes = "Arn={id} Name={name} StateMachineRevisionId=INITIAL "
                  "StateMachineRevisionId={.revisionId}",
};

/* The definition is compared as it was made: of text, object or file, with its substitutions. What
 * differs is told of as the template has it. */
static ResourceReading read_machine(Resource *r, Json *out, Error *err)
{
    static const char *const places[] = {"DefinitionString", "Definition", "DefinitionS3Location"};
    Json made = r->properties, actual;
    Resource as_made = *r;
    JsonObject all = {.a = r->a};
    Error none = {0};
    if (!prepare(r, &made, err)) return RESOURCE_UNREAD;
    as_made.properties = made;
    ResourceReading end = recipe_read(&as_made, out, err);
    r->fault_code = as_made.fault_code;
    if (end != RESOURCE_READ) return end;
    Str now = json_text(json_get(out, S("DefinitionString")));
    bool same = str_eq(now, json_text(json_get(&made, S("DefinitionString"))));
    for (int32_t i = 0; i < out->n; i++)
        if (!str_eq(out->members[i].key, S("DefinitionString")))
            json_put(&all, out->members[i].key, out->members[i].value);
    for (int i = 0; i < countof(places); i++) {
        const Json *said = resource_property(r, str_from(places[i]));
        if (!said) continue;
        bool text = json_is(said, JSON_STRING) || !json_parse(now, r->a, &actual, &none);
        json_put(&all, str_from(places[i]), same ? *said : text ? json_string(now) : actual);
    }
    *out = json_object(&all);
    return RESOURCE_READ;
}

const ResourceType resource_states_machine = {
    .type = "AWS::StepFunctions::StateMachine",
    RECIPE_TYPE,
    .recipe = &machine,
    .import = recipe_import,
    .identifier = "Arn",
    .read = read_machine,
    .replace = "StateMachineName StateMachineType",
    .required = "RoleArn",
    .properties = "StateMachineName StateMachineType DefinitionString Definition "
                  "DefinitionS3Location DefinitionSubstitutions RoleArn LoggingConfiguration "
                  "TracingConfiguration EncryptionConfiguration Tags",
};

static const RecipeRead activity_reads[] = {
    {"DescribeActivity", "activityArn={id}", .gives = "Name=name"},
    {"ListTagsForResource", "resourceArn={id}", .gives = "Tags=tags"},
    {0},
};

static const Recipe activity = {
    .reads = activity_reads,
    .service = "stepfunctions",
    .name = "Name",
    .naming = {.bytes_max = 80},
    .create = {"CreateActivity",
               "name={name} tags=#list encryptionConfiguration=EncryptionConfiguration"},
    .remove = {"DeleteActivity", "activityArn={id}"},
    .tag = {"TagResource", "resourceArn={id} tags=#list"},
    .untag = {"UntagResource", "resourceArn={id} tagKeys=#gone"},
    .physical = "{.activityArn}",
    .attributes = "Arn={id} Name={name}",
};

const ResourceType resource_states_activity = {
    .type = "AWS::StepFunctions::Activity",
    RECIPE_TYPE,
    .recipe = &activity,
    .import = recipe_import,
    .identifier = "Arn",
    .read = recipe_read,
    .replace = "Name EncryptionConfiguration",
    .required = "Name",
    .properties = "Name EncryptionConfiguration Tags",
};
