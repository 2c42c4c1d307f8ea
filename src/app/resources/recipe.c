/* recipe.c - making, changing and removing resources that are told as tables. */
#include "app/resources/recipe.h"

#include "app/resources/declared.h"

static const Recipe *recipe_of(const Resource *r)
{
    const ResourceType *type = resource_type(r->type);
    check(type && type->recipe);
    return type->recipe;
}

static bool open_scope(Resource *r, RecipeScope *s, Error *err)
{
    *s = (RecipeScope){.r = r, .recipe = recipe_of(r), .properties = r->properties};
    return !s->recipe->prepare || s->recipe->prepare(r, &s->properties, err);
}

/* ---- calls ---- */

static bool ask(const RecipeScope *s, const RecipeCall *c, Json *out, Error *err)
{
    Json in;
    return recipe_input(s, c, &in, err) &&
           resource_call(s->r, str_from(c->service ? c->service : s->recipe->service),
                         str_from(c->operation), in, out, err);
}

/* What is not there any more is undone. */
static bool undo(const RecipeScope *s, const RecipeCall *c, Error *err)
{
    Error why = {0};
    RecipeCall back = {.operation = c->undo, .members = c->undo_members, .service = c->service};
    if (!c->undo || ask(s, &back, NULL, &why) || resource_gone(s->r)) return true;
    *err = why;
    return false;
}

static bool any_given(const Json *properties, const char *when)
{
    Str rest = str_from(when), word;
    while (recipe_word(&rest, &word))
        if (json_get(properties, word) && !json_is(json_get(properties, word), JSON_NULL))
            return true;
    return !when;
}

static bool any_changed(const Resource *r, const char *when)
{
    Str rest = str_from(when), word;
    while (recipe_word(&rest, &word))
        if (resource_changed(r, word)) return true;
    return !when;
}

/* ---- settings of which each item is a call ---- */

static bool has_item(const Json *list, const Json *item)
{
    for (int32_t i = 0; i < json_count(list); i++)
        if (json_eq(&list->items[i], item)) return true;
    return false;
}

static bool is_list(const Json *v)
{
    return json_is(v, JSON_ARRAY);
}

static bool each_undone(RecipeScope s, const RecipeCall *c, const Json *list, const Json *kept,
                        Error *err)
{
    for (int32_t i = 0; is_list(list) && i < list->n; i++) {
        s.each = &list->items[i];
        s.each_place = str_printf(s.r->a, "#/%s/%d", c->when, i);
        if (!has_item(kept, s.each) && !undo(&s, c, err)) return false;
    }
    return true;
}

static bool each_done(RecipeScope s, const RecipeCall *c, const Json *list, Error *err)
{
    for (int32_t i = 0; is_list(list) && i < list->n; i++) {
        s.each = &list->items[i];
        s.each_place = str_printf(s.r->a, "#/%s/%d", c->when, i);
        if (!ask(&s, c, NULL, err)) return false;
    }
    return true;
}

static bool set_each(const RecipeScope *s, const RecipeCall *c, Error *err)
{
    Str name = str_from(c->when);
    const Json *now = json_get(&s->properties, name), *before = json_get(&s->r->before, name);
    return each_undone(*s, c, before, now, err) && each_done(*s, c, now, err);
}

/* ---- settings ---- */

static bool set_one(const RecipeScope *s, const RecipeCall *c, bool update, Error *err)
{
    if (c->later && !update) return true;
    if (c->each) return set_each(s, c, err);
    if (any_given(&s->properties, c->when))
        return (update && c->when && !any_changed(s->r, c->when)) || ask(s, c, NULL, err);
    return !update || !any_given(&s->r->before, c->when) || undo(s, c, err);
}

static bool set_all(const RecipeScope *s, bool update, Error *err)
{
    for (int i = 0; i < RECIPE_SETTINGS_MAX && s->recipe->settings[i].operation; i++)
        if (!set_one(s, &s->recipe->settings[i], update, err)) return false;
    return true;
}

/* Before it is removed: what would keep it from going. */
static bool clear_all(const RecipeScope *s, Error *err)
{
    for (int i = RECIPE_SETTINGS_MAX - 1; i >= 0; i--) {
        const RecipeCall *c = &s->recipe->settings[i];
        if (!c->operation || !c->cleared) continue;
        bool good = c->each
                        ? each_undone(*s, c, json_get(&s->properties, str_from(c->when)), NULL, err)
                        : !any_given(&s->properties, c->when) || undo(s, c, err);
        if (!good) return false;
    }
    return true;
}

/* ---- tags ---- */

static Json keys_gone(const Resource *r)
{
    JsonArray keys = {.a = r->a};
    const Json *before = json_get(&r->before, S("Tags")), *now = resource_property(r, S("Tags"));
    for (int32_t i = 0; i < json_count(before); i++) {
        bool list = json_is(before, JSON_ARRAY), stays = false;
        Str key = list ? json_text(json_get(&before->items[i], S("Key"))) : before->members[i].key;
        for (int32_t k = 0; k < json_count(now) && !stays; k++)
            stays =
                str_eq(key, json_is(now, JSON_ARRAY) ? json_text(json_get(&now->items[k], S("Key")))
                                                     : now->members[k].key);
        if (!stays && !str_absent(key)) json_add(&keys, json_string(key));
    }
    return json_array(&keys);
}

static bool change_tags(RecipeScope *s, Error *err)
{
    const Recipe *recipe = s->recipe;
    s->gone = keys_gone(s->r);
    if (recipe->untag.operation && json_count(&s->gone) && !ask(s, &recipe->untag, NULL, err))
        return false;
    return !recipe->tag.operation || !recipe_has_tags(s->r) || ask(s, &recipe->tag, NULL, err);
}

/* ---- attributes ---- */

/* What only the answer to `create` tells stays as it is. */
void recipe_attributes(const RecipeScope *s, const char *words)
{
    Str rest = str_from(words), word;
    while (recipe_word(&rest, &word)) {
        Str name, value;
        check(str_cut(&word, '=', &name));
        if (recipe_text(s, word, &value)) resource_attribute(s->r, name, value);
    }
}

static void keep_name(const RecipeScope *s)
{
    Resource *r = s->r;
    JsonObject o = {.a = r->a};
    if (!s->recipe->name) return;
    Str property = str_from(s->recipe->name),
        prepared = json_text(json_get(&s->properties, property));
    json_put_text(&o, S("name"),
                  prepared.n ? prepared : resource_name(r, property, &s->recipe->naming));
    r->kept = json_object(&o);
}

/* ---- what a type does ---- */

ResourceEnd recipe_create(Resource *r, Error *err)
{
    RecipeScope s;
    Str physical;
    if (!open_scope(r, &s, err)) return RESOURCE_FAILED;
    if (!s.recipe->service && !declared_may(r, RESOURCE_CREATES, err)) return RESOURCE_FAILED;
    keep_name(&s);
    if (s.recipe->create.operation && !ask(&s, &s.recipe->create, &s.out, err))
        return RESOURCE_FAILED;
    check(recipe_text(&s, str_from(s.recipe->physical), &physical));
    r->physical = physical;
    recipe_attributes(&s, s.recipe->attributes);
    bool good = set_all(&s, false, err) && (!s.recipe->tags_later || change_tags(&s, err));
    return good ? RESOURCE_DONE : RESOURCE_FAILED;
}

ResourceEnd recipe_update(Resource *r, Error *err)
{
    RecipeScope s;
    if (!open_scope(r, &s, err)) return RESOURCE_FAILED;
    if (!s.recipe->service && !declared_may(r, RESOURCE_UPDATES, err)) return RESOURCE_FAILED;
    if (s.recipe->update.operation && !ask(&s, &s.recipe->update, &s.out, err))
        return RESOURCE_FAILED;
    if (!set_all(&s, true, err) || !change_tags(&s, err)) return RESOURCE_FAILED;
    recipe_attributes(&s, s.recipe->attributes);
    return RESOURCE_DONE;
}

ResourceEnd recipe_remove(Resource *r, Error *err)
{
    RecipeScope s = {.r = r, .recipe = recipe_of(r), .properties = r->properties};
    Error why = {0};
    if (!s.recipe->service && !declared_may(r, RESOURCE_REMOVES, err)) return RESOURCE_FAILED;
    if (!clear_all(&s, err)) return RESOURCE_FAILED;
    if (!s.recipe->remove.operation || ask(&s, &s.recipe->remove, NULL, &why) || resource_gone(r))
        return RESOURCE_DONE;
    *err = why;
    return RESOURCE_FAILED;
}
