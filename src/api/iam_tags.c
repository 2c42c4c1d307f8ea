/* iam_tags.c - tags of users, roles, instance profiles and policies. */
#include "api/iam.h"

static Str tag_key(const Json *tag)
{
    return json_text(json_get(tag, S("Key")));
}

static bool key_ok(const Json *list, int32_t i, Error *err)
{
    Str key = tag_key(&list->items[i]);
    if (str_eq_nocase(str_slice(key, 0, 4), S("aws:")))
        return error_set(err, ERR_IAM_INVALID_INPUT,
                         "Tag keys cannot start with aws:, which is reserved.");
    for (int32_t k = 0; k < i; k++)
        if (str_eq_nocase(key, tag_key(&list->items[k])))
            return error_set(err, ERR_IAM_INVALID_INPUT,
                             "Duplicate tag keys found. Please note that Tag keys are case "
                             "insensitive.");
    return true;
}

bool iam_tags(Call *call, Str *out, Error *err)
{
    const Json *list = json_get(&call->in, S("Tags"));
    *out = (Str){0};
    if (!json_count(list)) return true;
    for (int32_t i = 0; i < list->n; i++)
        if (!key_ok(list, i, err)) return false;
    if (!iam_quota(call, list->n - 1, IAM_TAGS_MAX, "TagsPerEntity", err)) return false;
    *out = json_to_str(call->arena, list);
    return true;
}

Json iam_tags_told(Call *call, const IamEntity *e)
{
    Json list;
    Error err = {0};
    JsonArray none = {.a = call->arena};
    if (str_absent(e->tags)) return json_array(&none);
    check(json_parse(e->tags, call->arena, &list, &err));
    return list;
}

static bool find(Call *call, IamEntity *e, Error *err)
{
    IamKind kind = iam_kind(call);
    return kind == IAM_POLICY ? iam_get_policy(call, e, err) : iam_get(call, kind, e, err);
}

static bool find_own(Call *call, IamEntity *e, Error *err)
{
    if (!find(call, e, err) || !iam_modifiable(e, err)) return false;
    return !str_eq(e->account, S("aws")) ||
           error_set(err, ERR_IAM_INVALID_INPUT, "Policies that AWS manages cannot be tagged.");
}

static bool has_key(const Json *list, Str key)
{
    for (int32_t i = 0; i < json_count(list); i++) {
        const Json *t = json_at(list, i);
        if (str_eq_nocase(json_is(t, JSON_STRING) ? json_text(t) : tag_key(t), key)) return true;
    }
    return false;
}

static void keep(Call *call, IamEntity *e, const JsonArray *list)
{
    Json tags = json_array(list);
    e->tags = tags.n ? json_to_str(call->arena, &tags) : (Str){0};
    iam_put(call->server->db, e);
}

/* Those whose keys are not in `gone`. */
static JsonArray without(Call *call, const IamEntity *e, const Json *gone)
{
    JsonArray left = {.a = call->arena};
    Json old = iam_tags_told(call, e);
    for (int32_t i = 0; i < old.n; i++)
        if (!has_key(gone, tag_key(&old.items[i]))) json_add(&left, old.items[i]);
    return left;
}

CallResult iam_tag(Call *call, Error *err)
{
    IamEntity e;
    Str checked;
    const Json *more = json_get(&call->in, S("Tags"));
    if (!find_own(call, &e, err) || !iam_tags(call, &checked, err)) return CALL_FAILED;
    JsonArray list = without(call, &e, more);
    for (int32_t i = 0; i < json_count(more); i++) json_add(&list, more->items[i]);
    if (!iam_quota(call, list.n - 1, IAM_TAGS_MAX, "TagsPerEntity", err)) return CALL_FAILED;
    keep(call, &e, &list);
    return CALL_DONE;
}

CallResult iam_untag(Call *call, Error *err)
{
    IamEntity e;
    if (!find_own(call, &e, err)) return CALL_FAILED;
    JsonArray list = without(call, &e, json_get(&call->in, S("TagKeys")));
    keep(call, &e, &list);
    return CALL_DONE;
}

CallResult iam_list_tags(Call *call, Error *err)
{
    IamEntity e;
    IamPage page;
    JsonArray list = {.a = call->arena};
    if (!find(call, &e, err) || !iam_page(call, &page, err)) return CALL_FAILED;
    Json tags = iam_tags_told(call, &e);
    int32_t from = 0;
    while (page.after.n && from < tags.n && !str_eq(tag_key(&tags.items[from]), page.after)) from++;
    if (page.after.n) from++;
    for (int32_t i = from; i < tags.n && list.n < page.max; i++) json_add(&list, tags.items[i]);
    return iam_page_end(call, "Tags", &list, &page, tags.n - from,
                        tags.n - from > page.max ? tag_key(&tags.items[from + page.max - 1])
                                                 : (Str){0});
}
