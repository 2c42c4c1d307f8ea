/* ssm.h - private to api/ssm*.c: the handlers of Systems Manager parameters, and what they share. */
#pragma once
#include "app/call.h"
#include "app/vault/parameters.h"

enum {
    SSM_LEVELS_MAX = 15,
    SSM_VERSIONS_MAX = 100,
    SSM_LABELS_MAX = 10, /* of one version */
    SSM_TAGS_MAX = 50,
    SSM_STANDARD_BYTES_MAX = 4096,
    SSM_ADVANCED_BYTES_MAX = 8192,
    SSM_PAGE = 50,
    SSM_PATH_PAGE = 10,
    SSM_SCAN = 200, /* rows read at once while a page is filled */
};

CallHandler ssm_put_parameter, ssm_get_parameter, ssm_get_parameters, ssm_get_by_path,
    ssm_describe_parameters, ssm_get_history, ssm_delete_parameter, ssm_delete_parameters,
    ssm_label_version, ssm_unlabel_version, ssm_add_tags, ssm_remove_tags, ssm_list_tags;

static inline Str ssm_text(const Call *call, const char *member)
{
    return json_text(json_get(&call->in, str_from(member)));
}
/* The latest version of what is named without a selector. */
must_use bool ssm_row(Call *call, Str name, ParameterRow *out, Error *err);
/* GetParameter's shape of it. */
Json ssm_parameter(Arena *a, const ParameterRow *row, Str selector);
/* DescribeParameters' and GetParameterHistory's. */
JsonObject ssm_metadata(Arena *a, const ParameterRow *row);
must_use bool ssm_read_token(Call *call, Str *after, Error *err);
Json ssm_token(Arena *a, Str after);

/* ParameterFilters and the older Filters of a request. */
typedef struct SsmFilters {
    const Json *filters;
    bool old;     /* Filters: names by their beginning */
    bool of_path; /* GetParametersByPath: fewer keys */
} SsmFilters;
must_use bool ssm_check_filters(const SsmFilters *f, Error *err);
bool ssm_passes(Call *call, const SsmFilters *f, const ParameterRow *row);
/* Below the path: directly, or at any depth. */
bool ssm_is_below(Str path, Str name, bool recursive);
