/* recorded.c - a resource of a type that is not offered: recorded with a plausible id, when the server is told to. */
#include "app/resources/declared.h"
#include "app/resources/types.h"

enum { RECORDED_NAME_BYTES_MAX = 128 };

/* "AWS::MWAA::Environment": arn:aws:mwaa:REGION:ACCOUNT:environment/ID */
static Str plausible_arn(Resource *r)
{
    Str rest = r->type, vendor = S(""), service = S("");
    str_cut(&rest, ':', &vendor);
    rest = str_slice(rest, 1, rest.n);
    str_cut(&rest, ':', &service);
    Str thing = str_slice(rest, 1, rest.n);
    return str_printf(r->a, "arn:aws:%.*s:%.*s:%.*s:%.*s/%.*s", STR(str_lower(r->a, service)),
                      STR(r->region), STR(r->account), STR(str_lower(r->a, thing)),
                      STR(r->physical));
}

static ResourceEnd create(Resource *r, Error *err)
{
    if (!declared_may(r, RESOURCE_CREATES, err)) return RESOURCE_FAILED;
    r->physical =
        resource_name(r, S("Name"), &(ResourceNaming){.bytes_max = RECORDED_NAME_BYTES_MAX});
    resource_attribute(r, S("Arn"), plausible_arn(r));
    return RESOURCE_DONE;
}

static ResourceEnd update(Resource *r, Error *err)
{
    return declared_may(r, RESOURCE_UPDATES, err) ? RESOURCE_DONE : RESOURCE_FAILED;
}

static ResourceEnd remove_it(Resource *r, Error *err)
{
    return declared_may(r, RESOURCE_REMOVES, err) ? RESOURCE_DONE : RESOURCE_FAILED;
}

/* A property of the name, or the id. */
static bool attribute(Arena *a, const Str *physical, const Json *attributes, Str name, Json *out,
                      Error *err)
{
    (void)err;
    (void)attributes;
    *out = json_string(str_ends(name, S("Id"))
                           ? *physical
                           : str_printf(a, "%.*s.%.*s", STR(*physical), STR(name)));
    return true;
}

const ResourceType resource_recorded = {
    .type = "recorded",
    .create = create,
    .update = update,
    .remove = remove_it,
    .replace = "Name",
    .attribute = attribute,
};
