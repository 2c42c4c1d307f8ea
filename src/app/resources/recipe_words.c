/* recipe_words.c - the words of recipes: members of requests, and texts with names in braces. */
#include "app/resources/fit.h"
#include "app/resources/recipe.h"
#include "base/time.h"

bool recipe_word(Str *rest, Str *word)
{
    while (str_cut(rest, ' ', word))
        if (word->n) return true;
    return false;
}

/* ---- places in values ---- */

const Json *recipe_find(Str path, const Json *v)
{
    Str part;
    int64_t n;
    while (v && path.n && str_cut(&path, '.', &part))
        v = json_is(v, JSON_ARRAY) && str_to_int(part, &n) ? json_at(v, n) : json_get(v, part);
    return v;
}

/* Of the item in hand, or of the properties. */
static const Json *value_at(const RecipeScope *s, Str path, Str *place)
{
    bool of_item = str_eq(path, S("each")) || str_starts(path, S("each."));
    Str inner = of_item ? str_slice(path, 5, path.n) : path;
    Buf b = {.a = s->r->a};
    buf_put(&b, of_item ? s->each_place : S("#"));
    for (Str rest = inner, part = {0}; rest.n && str_cut(&rest, '.', &part);)
        buf_printf(&b, "/%.*s", STR(part));
    *place = buf_str(&b);
    const Json *v = of_item ? recipe_find(inner, s->each) : recipe_find(inner, &s->properties);
    return json_is(v, JSON_NULL) ? NULL : v;
}

/* ---- texts ---- */

static Str hex(const RecipeScope *s, int64_t n)
{
    Str id = server_new_uuid(s->r->s, s->r->a), more = server_new_uuid(s->r->s, s->r->a);
    Buf b = {.a = s->r->a};
    for (int64_t i = 0; i < id.n + more.n && b.n < n; i++) {
        char c = i < id.n ? id.p[i] : more.p[i - id.n];
        if (c != '-') buf_putc(&b, c);
    }
    return buf_str(&b);
}

static Str scalar(const RecipeScope *s, const Json *v)
{
    if (!v) return (Str){0};
    return json_is(v, JSON_STRING) ? json_text(v) : json_to_str(s->r->a, v);
}

static Str physical_name(const RecipeScope *s)
{
    Str kept = json_text(json_get(&s->r->kept, S("name")));
    return str_absent(kept) ? s->r->physical : kept;
}

static bool named(const RecipeScope *s, Str name, Str *out)
{
    Resource *r = s->r;
    Str place;
    int64_t n;
    const struct {
        Str name, value;
    } plain[] = {{S("id"), r->physical},       {S("name"), physical_name(s)},
                 {S("account"), r->account},   {S("region"), r->region},
                 {S("stack"), r->stack_name},  {S("logical"), r->logical},
                 {S("stack-id"), r->stack_id}, {S("token"), r->token}};
    for (int i = 0; i < countof(plain); i++)
        if (str_eq(name, plain[i].name)) return *out = plain[i].value, !str_absent(*out);
    if (str_eq(name, S("now"))) return *out = time_iso8601(r->a, r->now), true;
    if (str_eq(name, S("uuid"))) return *out = server_new_uuid(r->s, r->a), true;
    if (str_starts(name, S("hex")) && str_to_int(str_slice(name, 3, name.n), &n))
        return *out = hex(s, n), true;
    if (str_starts(name, S(".")))
        *out = scalar(s, recipe_find(str_slice(name, 1, name.n), &s->out));
    else if (str_starts(name, S("%")))
        *out = scalar(s, json_get(&r->attributes, str_slice(name, 1, name.n)));
    else
        *out = scalar(s, value_at(s, name, &place));
    return !str_absent(*out);
}

bool recipe_text(const RecipeScope *s, Str text, Str *out)
{
    Buf b = {.a = s->r->a};
    while (text.n) {
        Str value;
        int64_t open = str_find_char(text, '{'), close = str_find_char(text, '}');
        if (open < 0) break;
        check(close > open);
        buf_put(&b, str_slice(text, 0, open));
        if (!named(s, str_slice(text, open + 1, close), &value)) return false;
        buf_put(&b, value);
        text = str_slice(text, close + 1, text.n);
    }
    buf_put(&b, text);
    *out = buf_str(&b);
    return true;
}

/* ---- tags ---- */

/* The services keep aws: for themselves, and refuse it from everybody else. */
static bool is_own(Str key)
{
    return !str_starts(key, S("aws:cloudformation:"));
}

static Json tag_list(Resource *r)
{
    Json all = resource_tags(r);
    JsonArray list = {.a = r->a};
    for (int32_t i = 0; i < json_count(&all); i++)
        if (is_own(json_text(json_get(&all.items[i], S("Key"))))) json_add(&list, all.items[i]);
    return json_array(&list);
}

static Json tag_map(Resource *r)
{
    Json all = resource_tags_object(r);
    JsonObject o = {.a = r->a};
    for (int32_t i = 0; i < json_count(&all); i++)
        if (is_own(all.members[i].key)) json_put(&o, all.members[i].key, all.members[i].value);
    return json_object(&o);
}

bool recipe_has_tags(Resource *r)
{
    Json all = tag_list(r);
    return json_count(&all) > 0;
}

/* ---- values ---- */

static bool value_of(const RecipeScope *s, Str said, Json *out, Str *place)
{
    Str text;
    *place = S("#");
    if (str_starts(said, S("["))) {
        JsonArray list = {.a = s->r->a};
        Json item;
        if (!value_of(s, str_slice(said, 1, said.n), &item, place)) return false;
        json_add(&list, item);
        *out = json_array(&list);
        return true;
    }
    if (str_starts(said, S("'"))) return *out = json_string(str_slice(said, 1, said.n)), true;
    if (str_eq(said, S("true")) || str_eq(said, S("false")))
        return *out = json_bool(str_eq(said, S("true"))), true;
    if (str_eq(said, S("#list"))) return *out = tag_list(s->r), json_count(out) > 0;
    if (str_eq(said, S("#map"))) return *out = tag_map(s->r), json_count(out) > 0;
    if (str_eq(said, S("#gone"))) return *out = s->gone, json_count(out) > 0;
    if (str_find_char(said, '{') >= 0) {
        if (!recipe_text(s, said, &text)) return false;
        return *out = json_string(text), true;
    }
    const Json *v = value_at(s, said, place);
    if (!v) return false;
    *out = *v;
    return true;
}

/* ---- requests ---- */

/* Members of one member, put together: Attributes.Policy and Attributes.DelaySeconds. */
static void put_at(JsonObject *o, Str path, Json value)
{
    Str rest = path, first = {0};
    check(str_cut(&rest, '.', &first));
    if (!rest.n) {
        json_put(o, first, value);
        return;
    }
    JsonObject inner = {.a = o->a};
    int64_t at = 0;
    while (at < o->n && !str_eq(o->p[at].key, first)) at++;
    for (int32_t i = 0; at < o->n && i < json_count(&o->p[at].value); i++)
        json_put(&inner, o->p[at].value.members[i].key, o->p[at].value.members[i].value);
    put_at(&inner, rest, value);
    if (at == o->n)
        json_put(o, first, json_object(&inner));
    else
        o->p[at].value = json_object(&inner);
}

static Str place_of(const RecipeScope *s, Str said, Str found)
{
    return str_eq(found, S("#")) && said.n && said.p[0] == '#' ? str_printf(s->r->a, "#/Tags")
                                                               : found;
}

/* Only a whole member has a place of its own in the template. */
static bool fit_all(const RecipeScope *s, const Operation *op, const JsonObject *given,
                    const JsonObject *places, Json *in, Error *err)
{
    JsonObject o = {.a = s->r->a};
    Fit f = {s->r->a, s->r->logical, op->service};
    for (int64_t i = 0; i < given->n; i++) {
        Json value;
        Str place = json_text(
            json_get(&(Json){.type = JSON_OBJECT, .n = (int32_t)places->n, .members = places->p},
                     given->p[i].key));
        if (!fit_member(&f, model_input(op), given->p[i].key, &given->p[i].value, place, &value,
                        err))
            return false;
        json_put(&o, given->p[i].key, value);
    }
    *in = json_object(&o);
    return true;
}

bool recipe_input(const RecipeScope *s, const RecipeCall *c, Json *in, Error *err)
{
    Str rest = str_from(c->members), word;
    JsonObject given = {.a = s->r->a}, places = {.a = s->r->a};
    const Service *service = model_service(str_from(c->service ? c->service : s->recipe->service));
    const Operation *op = service ? model_operation(service, str_from(c->operation)) : NULL;
    if (!op)
        return error_set(err, ERR_VALIDATION, "%s is not offered by this server.", c->operation);
    while (recipe_word(&rest, &word)) {
        Json value;
        Str member, said = word, place;
        check(str_cut(&said, '=', &member));
        if (!said.n) said = member;
        if (!value_of(s, said, &value, &place)) continue;
        put_at(&given, member, value);
        int64_t dot = str_find_char(member, '.');
        json_put_text(&places, str_slice(member, 0, dot < 0 ? member.n : dot),
                      dot < 0 ? place_of(s, said, place) : S("#"));
    }
    return fit_all(s, op, &given, &places, in, err);
}
