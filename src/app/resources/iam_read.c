/* iam_read.c - roles, users, groups and their policies read by several calls each, for drift. */
#include "app/resources/iam_read.h"
#include "core/stack/drift.h"
#include "store/stacks.h"

typedef struct Given { /* the last one has no name */
    const char *name;
    Str value;
} Given;

static bool ask(Resource *r, Str operation, const Given *members, Json *out, Error *err)
{
    JsonObject in = {.a = r->a};
    for (; members->name; members++) json_put_text(&in, str_from(members->name), members->value);
    return resource_call(r, S("iam"), operation, json_object(&in), out, err);
}

/* An operation and a member that are named after the kind of identity. */
typedef struct Kind {
    const char *get, *list, *name, *holders;
} Kind;

static const Kind role = {"GetRolePolicy", "ListRolePolicies", "RoleName", "Roles"};
static const Kind user = {"GetUserPolicy", "ListUserPolicies", "UserName", "Users"};
static const Kind group = {"GetGroupPolicy", "ListGroupPolicies", "GroupName", "Groups"};

static void put(Json *all, Resource *r, Str name, Json value)
{
    JsonObject o = {.a = r->a};
    for (int32_t i = 0; i < json_count(all); i++)
        if (!str_eq(all->members[i].key, name))
            json_put(&o, all->members[i].key, all->members[i].value);
    json_put(&o, name, value);
    *all = json_object(&o);
}

/* ---- what other resources of the stack gave it ---- */

static bool made_by(const StackResourceRow *row, Str thing, Arena *a)
{
    Json properties;
    Error none = {0};
    if (str_eq(row->physical, thing)) return true;
    return str_starts(row->type, S("AWS::IAM::")) && str_ends(row->type, S("Policy")) &&
           !str_absent(row->properties) && json_parse(row->properties, a, &properties, &none) &&
           str_eq(json_text(json_get(&properties, S("PolicyName"))), thing);
}

static bool made_elsewhere(Resource *r, Str thing)
{
    StackRow stack;
    StackResourceRow *rows;
    if (!stack_row_find(r->s->db, r->account, r->region, r->stack_id, r->a, &stack)) return false;
    int64_t n = stack_resource_list(r->s->db, stack.n, r->a, &rows);
    for (int64_t i = 0; i < n; i++)
        if (made_by(&rows[i], thing, r->a)) return true;
    return false;
}

static bool names_item(const Json *list, Str thing)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        Str name = json_text(json_get(&list->items[i], S("PolicyName")));
        if (str_eq(str_absent(name) ? json_text(&list->items[i]) : name, thing)) return true;
    }
    return false;
}

static void drop_others(Resource *r, Json *out)
{
    JsonArray own = {.a = r->a};
    const Json *arns = json_get(out, S("ManagedPolicyArns"));
    const Json *expected = resource_property(r, S("ManagedPolicyArns"));
    if (!json_is(arns, JSON_ARRAY)) return;
    for (int32_t i = 0; i < arns->n; i++) {
        Str arn = json_text(&arns->items[i]);
        if (names_item(expected, arn) || !made_elsewhere(r, arn)) json_add(&own, arns->items[i]);
    }
    put(out, r, S("ManagedPolicyArns"), json_array(&own));
}

/* ---- inline policies ---- */

static bool inline_policy(Resource *r, const Kind *kind, Str name, JsonArray *list, Error *err)
{
    Json answer;
    JsonObject o = {.a = r->a};
    const Given members[] = {{kind->name, r->physical}, {"PolicyName", name}, {0}};
    if (!ask(r, str_from(kind->get), members, &answer, err)) return false;
    json_put_text(&o, S("PolicyName"), name);
    json_put_json(&o, S("PolicyDocument"), json_get(&answer, S("PolicyDocument")));
    json_add(list, json_object(&o));
    return true;
}

static bool inline_policies(Resource *r, const Kind *kind, Json *out, Error *err)
{
    Json answer, all;
    JsonArray list = {.a = r->a};
    const Json *expected = resource_property(r, S("Policies"));
    const Given members[] = {{kind->name, r->physical}, {0}};
    if (!expected) return true;
    if (!ask(r, str_from(kind->list), members, &answer, err)) return false;
    const Json *names = json_get(&answer, S("PolicyNames"));
    for (int32_t i = 0; i < json_count(names); i++) {
        Str name = json_text(&names->items[i]);
        if (!names_item(expected, name) && made_elsewhere(r, name)) continue;
        if (!inline_policy(r, kind, name, &list, err)) return false;
    }
    all = json_array(&list);
    put(out, r, S("Policies"), drift_like(expected, &all, false, r->a));
    return true;
}

static ResourceReading identity(Resource *r, const Kind *kind, Json *out, Error *err)
{
    ResourceReading end = recipe_read(r, out, err);
    if (end != RESOURCE_READ) return end;
    drop_others(r, out);
    return inline_policies(r, kind, out, err) ? RESOURCE_READ : RESOURCE_UNREAD;
}

ResourceReading iam_read_role(Resource *r, Json *out, Error *err)
{
    return identity(r, &role, out, err);
}

ResourceReading iam_read_user(Resource *r, Json *out, Error *err)
{
    return identity(r, &user, out, err);
}

ResourceReading iam_read_group(Resource *r, Json *out, Error *err)
{
    return identity(r, &group, out, err);
}

/* ---- policies ---- */

static bool put_document(Resource *r, const Json *answer, const char *path, Json *out)
{
    const Json *expected = resource_property(r, S("PolicyDocument")),
               *document = json_find(answer, path);
    if (!expected || !document) return false;
    put(out, r, S("PolicyDocument"), drift_like(expected, document, true, r->a));
    return true;
}

/* Those of the list that have the policy. */
static bool holders(Resource *r, const Kind *kind, const Json *list, JsonArray *found, Json *out,
                    Error *err)
{
    Str name = resource_text(r, S("PolicyName"));
    for (int32_t i = 0; json_is(list, JSON_ARRAY) && i < list->n; i++) {
        Json answer;
        const Given members[] = {
            {kind->name, json_text(&list->items[i])}, {"PolicyName", name}, {0}};
        if (ask(r, str_from(kind->get), members, &answer, err)) {
            json_add(found, list->items[i]);
            (void)put_document(r, &answer, "PolicyDocument", out);
        } else if (!resource_gone(r)) {
            return false;
        }
    }
    return true;
}

ResourceReading iam_read_policy(Resource *r, Json *out, Error *err)
{
    static const Kind *const kinds[] = {&role, &user, &group};
    int64_t all = 0;
    Error why = {0};
    *out = (Json){.type = JSON_OBJECT};
    for (int i = 0; i < countof(kinds); i++) {
        JsonArray found = {.a = r->a};
        Str name = str_from(kinds[i]->holders);
        const Json *list = resource_property(r, name);
        if (!list) continue;
        if (!holders(r, kinds[i], list, &found, out, &why)) return *err = why, RESOURCE_UNREAD;
        all += found.n;
        put(out, r, name, json_array(&found));
    }
    return all ? RESOURCE_READ : RESOURCE_GONE;
}

ResourceReading iam_read_managed(Resource *r, Json *out, Error *err)
{
    Json policy, version;
    const Given arn[] = {{"PolicyArn", r->physical}, {0}};
    *out = (Json){.type = JSON_OBJECT};
    if (!ask(r, S("GetPolicy"), arn, &policy, err))
        return resource_gone(r) ? RESOURCE_GONE : RESOURCE_UNREAD;
    Str id = json_text(json_find(&policy, "Policy.DefaultVersionId"));
    const Given of[] = {arn[0], {"VersionId", id}, {0}};
    if (!ask(r, S("GetPolicyVersion"), of, &version, err)) return RESOURCE_UNREAD;
    (void)put_document(r, &version, "PolicyVersion.Document", out);
    const Json *path = json_find(&policy, "Policy.Path");
    if (resource_property(r, S("Path")) && path) put(out, r, S("Path"), *path);
    return RESOURCE_READ;
}
