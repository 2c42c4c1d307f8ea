/* sam_globals.c - the Globals section: properties that every resource of a kind has, and how they are merged. */
#include "core/stack/sam_inside.h"

/* Globals guide, "Overridable properties": what a resource says itself replaces texts and numbers,
 * maps are merged member by member, lists are added to the general ones. */
Json sam_merged(Arena *a, const Json *general, const Json *own)
{
    if (!general) return *own;
    if (general->type == JSON_ARRAY && own->type == JSON_ARRAY) {
        JsonArray list = {.a = a};
        for (int32_t i = 0; i < general->n; i++) json_add(&list, general->items[i]);
        for (int32_t i = 0; i < own->n; i++) json_add(&list, own->items[i]);
        return json_array(&list);
    }
    if (general->type != JSON_OBJECT || own->type != JSON_OBJECT || sam_is_function(general) ||
        sam_is_function(own))
        return *own;
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < general->n; i++) {
        const JsonMember *m = &general->members[i];
        const Json *mine = json_get(own, m->key);
        json_put(&o, m->key, mine ? sam_merged(a, &m->value, mine) : m->value);
    }
    for (int32_t i = 0; i < own->n; i++)
        if (!json_get(general, own->members[i].key))
            json_put(&o, own->members[i].key, own->members[i].value);
    return json_object(&o);
}

typedef struct Section {
    Str name;
    const SamProperty *properties;
    const int *properties_n;
} Section;

static bool check_section(const JsonMember *m, const Section *section, Error *err)
{
    if (!json_is(&m->value, JSON_OBJECT))
        return sam_error(err, "'Globals' section is invalid. It must be a map of %.*s properties.",
                         STR(m->key));
    for (int32_t i = 0; i < m->value.n; i++) {
        Str key = m->value.members[i].key;
        bool found = false;
        for (int k = 0; k < *section->properties_n && !found; k++)
            found = str_eq(key, section->properties[k].from);
        if (!found)
            return sam_error(err,
                             "'Globals' section is invalid. '%.*s' is not a supported property of "
                             "'%.*s'.",
                             STR(key), STR(m->key));
    }
    return true;
}

bool sam_globals(Sam *s, Error *err)
{
    static const Section sections[] = {
        {STR_INIT("Function"), sam_function_properties, &sam_function_properties_n},
        {STR_INIT("StateMachine"), sam_machine_properties, &sam_machine_properties_n},
        {STR_INIT("SimpleTable"), sam_table_properties, &sam_table_properties_n},
        {STR_INIT("LayerVersion"), sam_layer_properties, &sam_layer_properties_n},
    };
    const Json *v = s->globals = json_get(s->root, S("Globals"));
    if (v && !json_is(v, JSON_OBJECT))
        return sam_error(err, "'Globals' section is invalid. It must be a non-empty dictionary.");
    for (int32_t i = 0; i < json_count(v); i++) {
        const Section *section = NULL;
        for (int k = 0; k < countof(sections); k++)
            if (str_eq(v->members[i].key, sections[k].name)) section = &sections[k];
        if (!section)
            return sam_error(err,
                             "'Globals' section is invalid. '%.*s' is not supported. Must be one "
                             "of the following values - ['Function', 'LayerVersion', "
                             "'SimpleTable', 'StateMachine']",
                             STR(v->members[i].key));
        if (!check_section(&v->members[i], section, err)) return false;
    }
    return true;
}
