/* recipe_test.c - every word of every recipe leads to an operation, a member or a property that exists. */
#include "app/resources/recipe.h"
#include "app/resources/types.h"
#include "test.h"
#include "wire/model.h"

/* Services whose model comes later. */
static bool known(const char *service)
{
    return model_service(str_from(service)) != NULL;
}

static bool listed(const char *words, Str word)
{
    Str rest = str_from(words), w;
    while (recipe_word(&rest, &w))
        if (str_eq(w, word)) return true;
    return false;
}

static void check_member(const ResourceType *type, Str service, Str operation, Str word)
{
    Str member, rest = word, first;
    const Service *s = model_service(service);
    const Operation *op = model_operation(s, operation);
    (void)!str_cut(&rest, '=', &member);
    (void)!str_cut(&member, '.', &first);
    bool found = op && model_input(op) && model_member(s, model_input(op), first);
    if (!found) printf("%s: %.*s has no member %.*s\n", type->type, STR(operation), STR(first));
    ok(found);
}

static void check_words(const ResourceType *type, const RecipeCall *c, const char *operation,
                        const char *members)
{
    Str rest = str_from(members), word;
    const char *service = c->service ? c->service : type->recipe->service;
    if (!operation || !known(service)) return;
    bool there = model_operation(model_service(str_from(service)), str_from(operation)) != NULL;
    if (!there) printf("%s: no operation %s\n", type->type, operation);
    ok(there);
    while (there && recipe_word(&rest, &word))
        check_member(type, str_from(service), str_from(operation), word);
}

static void check_call(const ResourceType *type, const RecipeCall *c)
{
    check_words(type, c, c->operation, c->members);
    check_words(type, c, c->undo, c->undo_members);
    Str rest = str_from(c->when), word;
    while (recipe_word(&rest, &word)) {
        if (!listed(type->properties, word)) printf("%s: when %.*s\n", type->type, STR(word));
        ok(listed(type->properties, word));
    }
}

TEST(words_of_recipes_exist)
{
    for (int i = 0; resource_types[i]; i++) {
        const ResourceType *type = resource_types[i];
        const Recipe *recipe = type->recipe;
        if (!recipe) continue;
        check_call(type, &recipe->create);
        check_call(type, &recipe->update);
        check_call(type, &recipe->remove);
        check_call(type, &recipe->tag);
        check_call(type, &recipe->untag);
        for (int k = 0; k < RECIPE_SETTINGS_MAX; k++) check_call(type, &recipe->settings[k]);
        ok(recipe->physical != NULL);
    }
}

/* Of an answer at least the first member; texts in braces need none. */
static void check_path(const ResourceType *type, const Service *s, const Operation *op, Str path)
{
    Str first;
    int64_t hash = str_find_char(path, '#');
    if (str_find_char(path, '{') >= 0 || str_eq(path, S("."))) return;
    if (hash >= 0) path = str_slice(path, 0, hash);
    (void)str_cut(&path, '.', &first);
    bool found = model_member(s, model_output(op), first) != NULL;
    if (!found)
        printf("%s: the answer of %.*s has no %.*s\n", type->type, STR(model_text(s, op->name)),
               STR(first));
    ok(found);
}

static void check_gives(const ResourceType *type, const RecipeRead *read, const Service *s,
                        const Operation *op)
{
    Str rest = str_from(read->gives), word, item = str_from(read->item), property;
    if (read->item) check_path(type, s, op, str_slice(item, 0, str_find_char(item, '.')));
    while (recipe_word(&rest, &word)) {
        if (str_starts(word, S("+"))) word = str_slice(word, 1, word.n);
        (void)!str_cut(&word, '=', &property);
        if (!listed(type->properties, property))
            printf("%s: gives %.*s\n", type->type, STR(property));
        ok(listed(type->properties, property));
        if (!read->item) check_path(type, s, op, word.n ? word : property);
    }
}

TEST(words_of_reads_exist)
{
    for (int i = 0; resource_types[i]; i++) {
        const ResourceType *type = resource_types[i];
        const RecipeRead *read = type->recipe ? type->recipe->reads : NULL;
        for (; read && read->operation; read++) {
            RecipeCall c = {.operation = read->operation, .members = read->members};
            check_words(type, &c, c.operation, c.members);
            const Service *s = model_service(str_from(type->recipe->service));
            const Operation *op = s ? model_operation(s, str_from(read->operation)) : NULL;
            if (op) check_gives(type, read, s, op);
        }
        ok(!type->import == !type->identifier);
    }
}

TEST(properties_that_replace_or_must_be_given_are_properties)
{
    for (int i = 0; resource_types[i]; i++) {
        const ResourceType *type = resource_types[i];
        Str lists[] = {str_from(type->replace), str_from(type->required)}, word;
        for (int k = 0; type->properties && k < countof(lists); k++)
            while (recipe_word(&lists[k], &word)) {
                if (!listed(type->properties, word)) printf("%s: %.*s\n", type->type, STR(word));
                ok(listed(type->properties, word));
            }
    }
}

TEST(each_type_is_listed_once)
{
    for (int i = 0; resource_types[i]; i++)
        ok(resource_type(str_from(resource_types[i]->type)) == resource_types[i]);
}
