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

static const Recipe machine = {
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

const ResourceType resource_states_machine = {
    .type = "AWS::StepFunctions::StateMachine",
    RECIPE_TYPE,
    .recipe = &machine,
    .replace = "StateMachineName StateMachineType",
    .required = "RoleArn",
    .properties = "StateMachineName StateMachineType DefinitionString Definition "
                  "DefinitionS3Location DefinitionSubstitutions RoleArn LoggingConfiguration "
                  "TracingConfiguration EncryptionConfiguration Tags",
};

static const Recipe activity = {
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
    .replace = "Name EncryptionConfiguration",
    .required = "Name",
    .properties = "Name EncryptionConfiguration Tags",
};
