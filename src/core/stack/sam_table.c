/* sam_table.c - AWS::Serverless::SimpleTable and AWS::Serverless::LayerVersion. */
#include "core/stack/sam_inside.h"

#define SAME(name)                                                                                 \
    {                                                                                              \
        STR_INIT(name), STR_INIT(name)                                                             \
    }
#define OURS(name)                                                                                 \
    {                                                                                              \
        .from = STR_INIT(name)                                                                     \
    }

const SamProperty sam_table_properties[] = {
    SAME("TableName"),        SAME("ProvisionedThroughput"),
    SAME("SSESpecification"), SAME("PointInTimeRecoverySpecification"),
    OURS("PrimaryKey"),       OURS("Tags"),
};
const int sam_table_properties_n = countof(sam_table_properties);

const SamProperty sam_layer_properties[] = {
    SAME("CompatibleRuntimes"), SAME("CompatibleArchitectures"),
    SAME("Description"),        SAME("LicenseInfo"),
    OURS("LayerName"),          OURS("ContentUri"),
    OURS("RetentionPolicy"),    OURS("PublishLambdaVersion"),
};
const int sam_layer_properties_n = countof(sam_layer_properties);

/* ---- tables ---- */

static bool key_type(Str type, Str *out, Error *err)
{
    static const SamProperty types[] = {{STR_INIT("String"), STR_INIT("S")},
                                        {STR_INIT("Number"), STR_INIT("N")},
                                        {STR_INIT("Binary"), STR_INIT("B")}};
    for (int i = 0; i < countof(types); i++)
        if (str_eq(type, types[i].from)) return *out = types[i].to, true;
    return sam_error(err, "'%.*s' is not a valid attribute type.", STR(type));
}

bool sam_table(Sam *s, const SamResource *r, Error *err)
{
    const Json *key = json_get(r->p, S("PrimaryKey"));
    const Json *name = json_get(key, S("Name"));
    Str type = S("S");
    JsonObject o = {.a = s->a};
    if (key && !name) return sam_error(err, "'PrimaryKey' is missing required Property 'Name'.");
    if (key && !key_type(json_text(json_get(key, S("Type"))), &type, err)) return false;
    if (!name) name = sam_string(s->a, S("id"));
    json_put(&o, S("AttributeDefinitions"),
             SAM(s->a, "[{'AttributeName': '@1', 'AttributeType': '@2'}]", name,
                 sam_string(s->a, type)));
    json_put(&o, S("KeySchema"), SAM(s->a, "[{'AttributeName': '@1', 'KeyType': 'HASH'}]", name));
    if (!json_get(r->p, S("ProvisionedThroughput")))
        json_put(&o, S("BillingMode"), json_string(S("PAY_PER_REQUEST")));
    sam_pass(r->p, sam_table_properties, sam_table_properties_n, &o);
    json_put_json(&o, S("Tags"), sam_tags(s->a, json_get(r->p, S("Tags")), (Str){0}));
    Json properties = json_object(&o);
    sam_add_main(s, r, r->id,
                 SAM(s->a, "{'Type': 'AWS::DynamoDB::Table', 'Properties': '@1'}", &properties));
    return true;
}

/* ---- layers ---- */

static bool retention(const Sam *s, const SamResource *r, Str *out, Error *err)
{
    const Json *v = json_get(r->p, S("RetentionPolicy"));
    Str given;
    *out = S("Retain");
    if (!v) return true;
    if (sam_known_text(s, v, &given) && str_eq_nocase(given, S("Retain"))) return true;
    if (sam_known_text(s, v, &given) && str_eq_nocase(given, S("Delete")))
        return *out = S("Delete"), true;
    return sam_error(err, "'RetentionPolicy' must be one of the following options: "
                          "['Retain', 'Delete'].");
}

/* A layer's version is another resource whenever it changes; what names it follows. */
bool sam_layer(Sam *s, const SamResource *r, Error *err)
{
    static const char *const names[3] = {"S3Bucket", "S3Key", "S3ObjectVersion"};
    const Json *uri = json_get(r->p, S("ContentUri")), *name = json_get(r->p, S("LayerName"));
    JsonObject o = {.a = s->a};
    Json content;
    Str policy;
    if (!uri) return sam_error(err, "Missing required property 'ContentUri'.");
    if (!sam_location(s->a, uri, "ContentUri", names, &content, err) ||
        !retention(s, r, &policy, err))
        return false;
    json_put(&o, S("Content"), content);
    json_put(&o, S("LayerName"), name ? *name : json_string(r->id));
    sam_pass(r->p, sam_layer_properties, sam_layer_properties_n, &o);
    Json properties = json_object(&o);
    Str id = sam_id(s, r->id, sam_hash(s->a, r->p), "");
    *vec_push(s->a, &s->names) = (SamName){r->id, id};
    sam_add_main(s, r, id,
                 SAM(s->a,
                     "{'Type': 'AWS::Lambda::LayerVersion', 'DeletionPolicy': '@1', "
                     "'UpdateReplacePolicy': '@1', 'Properties': '@2'}",
                     sam_string(s->a, policy), &properties));
    return true;
}
