/* ssm_filter.c - filters of listings: which keys and options there are, and whether a parameter passes. */
#include "api/ssm.h"

typedef enum Option { EQUALS, BEGINS_WITH, CONTAINS, RECURSIVE, ONE_LEVEL, OPTIONS } Option;

static const char *const options[OPTIONS] = {"Equals", "BeginsWith", "Contains", "Recursive",
                                             "OneLevel"};

/* The first option of a key is what stands when none is given. */
typedef struct FilterKey {
    const char *key;
    unsigned options; /* bits */
    Option usual;
    bool of_path; /* GetParametersByPath takes it */
} FilterKey;

static const FilterKey keys[] = {
    {"Name", 1u << EQUALS | 1u << BEGINS_WITH | 1u << CONTAINS, EQUALS, false},
    {"Type", 1u << EQUALS | 1u << BEGINS_WITH, EQUALS, true},
    {"KeyId", 1u << EQUALS | 1u << BEGINS_WITH, EQUALS, true},
    {"Path", 1u << RECURSIVE | 1u << ONE_LEVEL, ONE_LEVEL, false},
    {"Label", 1u << EQUALS, EQUALS, true},
    {"Tier", 1u << EQUALS, EQUALS, false},
    {"DataType", 1u << EQUALS | 1u << BEGINS_WITH, EQUALS, false},
    {"tag:", 1u << EQUALS, EQUALS, false},
};

static const FilterKey *key_of(Str key)
{
    for (int i = 0; i < countof(keys); i++) {
        Str known = str_from(keys[i].key);
        if (str_eq(key, known) || (str_ends(known, S(":")) && str_starts(key, known)))
            return &keys[i];
    }
    return NULL;
}

static Option option_of(const FilterKey *key, const Json *filter)
{
    Str given = json_text(json_get(filter, S("Option")));
    if (str_absent(given)) return key->usual;
    for (int i = 0; i < OPTIONS; i++)
        if (str_eq(given, str_from(options[i])) && key->options >> i & 1) return (Option)i;
    return OPTIONS;
}

static bool check_filter(const SsmFilters *f, const Json *filter, Error *err)
{
    Str key = json_text(json_get(filter, S("Key")));
    const FilterKey *known = key_of(key);
    if (!known || (f->of_path && !known->of_path))
        return error_set(err, ERR_SSM_FILTER_KEY,
                         "The following filter key is not valid: %.*s. Valid filter keys include: "
                         "%s.",
                         STR(key),
                         f->of_path ? "[Type, KeyId, Label]"
                                    : "[Path, Name, Type, KeyId, Tier, DataType, Label, tag:KEY]");
    if (option_of(known, filter) == OPTIONS)
        return error_set(
            err, ERR_SSM_FILTER_OPTION,
            "The following filter option is not valid: %.*s. Verify the options of the "
            "filter key %.*s.",
            STR(json_text(json_get(filter, S("Option")))), STR(key));
    return json_count(json_get(filter, S("Values"))) > 0 || known == &keys[countof(keys) - 1] ||
           error_set(err, ERR_SSM_FILTER_VALUE,
                     "The following filter values are missing : null for filter key %.*s",
                     STR(key));
}

bool ssm_check_filters(const SsmFilters *f, Error *err)
{
    for (int32_t i = 0; i < json_count(f->filters); i++)
        if (!check_filter(f, &f->filters->items[i], err)) return false;
    return true;
}

bool ssm_is_below(Str path, Str name, bool recursive)
{
    Str root = str_ends(path, S("/")) ? str_slice(path, 0, path.n - 1) : path, rest = name;
    if (root.n || str_starts(name, S("/"))) {
        if (!str_starts(name, root) || name.n <= root.n || name.p[root.n] != '/') return false;
        rest = str_slice(name, root.n + 1, name.n);
    }
    return recursive || str_find_char(rest, '/') < 0;
}

static bool matches(Option option, Str have, Str want)
{
    switch (option) {
    case EQUALS: return str_eq(have, want);
    case BEGINS_WITH: return str_starts(have, want);
    case CONTAINS: return str_find(have, want) >= 0;
    case RECURSIVE: return ssm_is_below(want, have, true);
    case ONE_LEVEL: return ssm_is_below(want, have, false);
    case OPTIONS:
    default: unreachable();
    }
}

/* Absent: the parameter has none. */
static Str value_of(Call *call, Str key, const ParameterRow *row)
{
    Json tags;
    Error err = {0};
    if (str_eq(key, S("Name")) || str_eq(key, S("Path"))) return row->name;
    if (str_eq(key, S("Type"))) return row->type;
    if (str_eq(key, S("KeyId"))) return row->key_id;
    if (str_eq(key, S("Tier"))) return row->tier;
    if (str_eq(key, S("DataType"))) return row->data_type;
    check(json_parse(row->tags, call->arena, &tags, &err));
    return json_text(json_get(&tags, str_slice(key, 4, key.n)));
}

static bool passes_one(Call *call, const SsmFilters *f, const Json *filter, const ParameterRow *row)
{
    Str key = json_text(json_get(filter, S("Key")));
    const Json *values = json_get(filter, S("Values"));
    Option option = option_of(key_of(key), filter);
    if (f->old && str_eq(key, S("Name"))) option = BEGINS_WITH;
    if (str_eq(key, S("Label"))) {
        for (int32_t i = 0; i < json_count(values); i++)
            if (parameter_labelled(call->server, row, json_text(&values->items[i]), call->arena))
                return true;
        return false;
    }
    Str have = value_of(call, key, row);
    if (!json_count(values)) return !str_absent(have);
    for (int32_t i = 0; i < json_count(values); i++)
        if (!str_absent(have) && matches(option, have, json_text(&values->items[i]))) return true;
    return false;
}

bool ssm_passes(Call *call, const SsmFilters *f, const ParameterRow *row)
{
    for (int32_t i = 0; i < json_count(f->filters); i++)
        if (!passes_one(call, f, &f->filters->items[i], row)) return false;
    return true;
}
