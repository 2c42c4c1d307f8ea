/* secretsmanager_secret.c - AWS::SecretsManager::Secret; a password is made up where the template wants. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"

/* GenerateSecretString: a password, or a text of JSON with one more member. */
static bool generate(Resource *r, const Json *wanted, Str *out, Error *err)
{
    Json answer, into;
    JsonObject in = {.a = r->a};
    static const char *const own[] = {"SecretStringTemplate", "GenerateStringKey"};
    for (int32_t i = 0; i < json_count(wanted); i++) {
        Str key = wanted->members[i].key;
        if (!str_eq(key, str_from(own[0])) && !str_eq(key, str_from(own[1])))
            json_put(&in, key, wanted->members[i].value);
    }
    if (!resource_call(r, S("secretsmanager"), S("GetRandomPassword"), json_object(&in), &answer,
                       err))
        return false;
    Str password = json_text(json_get(&answer, S("RandomPassword")));
    Str text = json_text(json_get(wanted, str_from(own[0]))),
        key = json_text(json_get(wanted, str_from(own[1])));
    *out = password;
    if (str_absent(text)) return true;
    if (!json_parse(text, r->a, &into, err) || !json_is(&into, JSON_OBJECT) || !key.n)
        return error_set(err, ERR_VALIDATION,
                         "Could not parse SecretStringTemplate JSON, or GenerateStringKey is not "
                         "given.");
    JsonObject all = {.a = r->a};
    for (int32_t i = 0; i < into.n; i++) json_put(&all, into.members[i].key, into.members[i].value);
    json_put(&all, key, json_string(password));
    Json made = json_object(&all);
    *out = json_to_str(r->a, &made);
    return true;
}

/* Once: an update that leaves GenerateSecretString as it is leaves the secret as it is. */
static bool prepare(Resource *r, Json *properties, Error *err)
{
    Str secret;
    JsonObject o = {.a = r->a};
    const Json *wanted = json_get(properties, S("GenerateSecretString"));
    if (!wanted || (r->physical.n && !resource_changed(r, S("GenerateSecretString")))) return true;
    if (json_get(properties, S("SecretString")))
        return error_set(err, ERR_VALIDATION,
                         "You can't specify both SecretString and GenerateSecretString.");
    if (!generate(r, wanted, &secret, err)) return false;
    for (int32_t i = 0; i < json_count(properties); i++)
        json_put(&o, properties->members[i].key, properties->members[i].value);
    json_put(&o, S("SecretString"), json_string(secret));
    *properties = json_object(&o);
    return true;
}

static const RecipeRead secret_reads[] = {
    {"DescribeSecret", "SecretId={id}", .gives = "Name Description KmsKeyId Tags"},
    {0},
};

static const Recipe secret = {
    .reads = secret_reads,
    .service = "secretsmanager",
    .name = "Name",
    .naming = {.bytes_max = 256},
    .prepare = prepare,
    .create = {"CreateSecret",
               "Name={name} Description KmsKeyId SecretString ClientRequestToken={uuid} "
               "Tags=#list"},
    .update = {"UpdateSecret",
               "SecretId={id} Description KmsKeyId SecretString ClientRequestToken={uuid}"},
    .remove = {"DeleteSecret", "SecretId={id} ForceDeleteWithoutRecovery=true"},
    .tag = {"TagResource", "SecretId={id} Tags=#list"},
    .untag = {"UntagResource", "SecretId={id} TagKeys=#gone"},
    .physical = "{.ARN}",
    .attributes = "Id={id}",
};

const ResourceType resource_secretsmanager_secret = {
    .type = "AWS::SecretsManager::Secret",
    RECIPE_TYPE,
    .recipe = &secret,
    .import = recipe_import,
    .identifier = "Id",
    .read = recipe_read,
    .replace = "Name",
    .properties = "Name Description KmsKeyId SecretString GenerateSecretString ReplicaRegions Tags",
    .data = true,
};
