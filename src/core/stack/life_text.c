/* life_text.c - an operation on a stack as a value, and back. */
#include "core/stack/life.h"

/* [name, action, retain, forward, undo, clean, [needs], [old needs], imported] for each item. */
enum { NAME, ACTION, RETAIN, FORWARD, UNDO, CLEAN, NEEDS, OLD_NEEDS, IMPORTED };

static Json numbers(const int32_t *p, int64_t n, Arena *a)
{
    JsonArray list = {.a = a};
    for (int64_t i = 0; i < n; i++) json_add(&list, json_int(a, p[i]));
    return json_array(&list);
}

static Json write_item(const LifeItem *item, Arena *a)
{
    JsonArray list = {.a = a};
    json_add(&list, json_string(item->name));
    json_add(&list, json_int(a, item->action));
    json_add(&list, json_int(a, item->retain));
    json_add(&list, json_int(a, item->forward));
    json_add(&list, json_int(a, item->undo));
    json_add(&list, json_int(a, item->clean));
    json_add(&list, numbers(item->needs.p, item->needs.n, a));
    json_add(&list, numbers(item->old_needs.p, item->old_needs.n, a));
    if (item->imported) json_add(&list, json_int(a, 1));
    return json_array(&list);
}

Json life_write(const Life *life, Arena *a)
{
    JsonObject o = {.a = a};
    JsonArray items = {.a = a};
    for (int64_t i = 0; i < life->items.n; i++) json_add(&items, write_item(&life->items.p[i], a));
    json_put(&o, S("operation"), json_int(a, life->operation));
    json_put(&o, S("failure"), json_int(a, life->failure));
    json_put(&o, S("phase"), json_int(a, life->phase));
    if (life->force) json_put(&o, S("force"), json_bool(true));
    json_put(&o, S("outputs"), json_bool(life->outputs));
    json_put(&o, S("back"), json_bool(life->back));
    json_put(&o, S("items"), json_array(&items));
    return json_object(&o);
}

static int number(const Json *v, int64_t max)
{
    int64_t n = json_int_or(v, -1);
    check(n >= 0 && n <= max);
    return (int)n;
}

static LifeItem read_item(const Json *v, int64_t items, Arena *a)
{
    LifeItem item = {.name = json_text(json_at(v, NAME)),
                     .action = (LifeAction)number(json_at(v, ACTION), LIFE_DROP),
                     .retain = number(json_at(v, RETAIN), 1) != 0,
                     .imported = json_at(v, IMPORTED) != NULL,
                     .forward = (LifeProgress)number(json_at(v, FORWARD), LIFE_CANCELLED),
                     .undo = (LifeProgress)number(json_at(v, UNDO), LIFE_CANCELLED),
                     .clean = (LifeProgress)number(json_at(v, CLEAN), LIFE_CANCELLED)};
    const Json *needs = json_at(v, NEEDS), *old = json_at(v, OLD_NEEDS);
    for (int32_t i = 0; i < json_count(needs); i++)
        *vec_push(a, &item.needs) = number(&needs->items[i], items - 1);
    for (int32_t i = 0; i < json_count(old); i++)
        *vec_push(a, &item.old_needs) = number(&old->items[i], items - 1);
    return item;
}

Life life_read(const Json *v, Arena *a)
{
    const Json *items = json_get(v, S("items"));
    Life life = {
        .operation = (LifeOperation)number(json_get(v, S("operation")), LIFE_IMPORT),
        .failure = (LifeFailure)number(json_get(v, S("failure")), LIFE_TAKE_DOWN),
        .phase = (LifePhase)number(json_get(v, S("phase")), LIFE_ENDED),
        .force = json_true(json_get(v, S("force"))),
        .outputs = json_true(json_get(v, S("outputs"))),
        .back = json_true(json_get(v, S("back"))),
    };
    for (int32_t i = 0; i < json_count(items); i++)
        *vec_push(a, &life.items) = read_item(&items->items[i], items->n, a);
    return life;
}
