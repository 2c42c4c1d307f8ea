/* emr_groups.c - AWS::EMR::InstanceGroupConfig and AWS::EMR::InstanceFleetConfig: more machines of a cluster. */
#include "app/resources/emr_shape.h"
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static Json without(const Json *v, Str name, Arena *a)
{
    JsonObject o = {.a = a};
    for (int32_t i = 0; i < json_count(v); i++)
        if (!str_eq(v->members[i].key, name)) json_put(&o, v->members[i].key, v->members[i].value);
    return json_object(&o);
}

/* The cluster, and all else as one structure. */
static bool prepare(Resource *r, Json *properties, Error *err)
{
    JsonObject o = {.a = r->a};
    Str cluster = json_get(properties, S("JobFlowId")) ? S("JobFlowId") : S("ClusterId");
    Json shaped = emr_cluster_shape(properties, r->a);
    (void)err;
    json_put_json(&o, cluster, json_get(&shaped, cluster));
    json_put(&o, S("part"), without(&shaped, cluster, r->a));
    *properties = json_object(&o);
    return true;
}

static const Recipe group = {
    .service = "emr",
    .prepare = prepare,
    .create = {"AddInstanceGroups", "JobFlowId InstanceGroups=[part"},
    .physical = "{.InstanceGroupIds.0}",
    .attributes = "Id={id}",
};

static const Recipe fleet = {
    .service = "emr",
    .prepare = prepare,
    .create = {"AddInstanceFleet", "ClusterId InstanceFleet=part"},
    .physical = "{.InstanceFleetId}",
    .attributes = "Id={id}",
};

static void put_size(Resource *r, JsonObject *o, const char *name, bool none)
{
    if (none || resource_property(r, str_from(name)))
        json_put(o, str_from(name), json_int(r->a, none ? 0 : resource_int(r, str_from(name), 0)));
}

static bool resize_group(Resource *r, bool none, Error *err)
{
    JsonObject in = {.a = r->a}, one = {.a = r->a};
    JsonArray list = {.a = r->a};
    json_put_text(&one, S("InstanceGroupId"), r->physical);
    put_size(r, &one, "InstanceCount", none);
    json_add(&list, json_object(&one));
    json_put_text(&in, S("ClusterId"), resource_text(r, S("JobFlowId")));
    json_put(&in, S("InstanceGroups"), json_array(&list));
    return resource_call(r, S("emr"), S("ModifyInstanceGroups"), json_object(&in), NULL, err);
}

static bool resize_fleet(Resource *r, bool none, Error *err)
{
    JsonObject in = {.a = r->a}, one = {.a = r->a};
    json_put_text(&one, S("InstanceFleetId"), r->physical);
    put_size(r, &one, "TargetOnDemandCapacity", none);
    put_size(r, &one, "TargetSpotCapacity", none);
    json_put_text(&in, S("ClusterId"), resource_text(r, S("ClusterId")));
    json_put(&in, S("InstanceFleet"), json_object(&one));
    return resource_call(r, S("emr"), S("ModifyInstanceFleet"), json_object(&in), NULL, err);
}

/* To what the template says; or to no instances. */
static bool resize(Resource *r, bool none, Error *err)
{
    bool is_group = !str_absent(resource_text(r, S("JobFlowId")));
    return is_group ? resize_group(r, none, err) : resize_fleet(r, none, err);
}

static ResourceEnd update(Resource *r, Error *err)
{
    return resize(r, false, err) ? RESOURCE_DONE : RESOURCE_FAILED;
}

/* A part cannot be taken from a cluster: it stays without instances, and ends with the cluster. */
static ResourceEnd remove_part(Resource *r, Error *err)
{
    Error none = {0};
    (void)err;
    (void)!resize(r, true, &none);
    return RESOURCE_DONE;
}

const ResourceType resource_emr_group = {
    .type = "AWS::EMR::InstanceGroupConfig",
    .create = recipe_create,
    .update = update,
    .remove = remove_part,
    .recipe = &group,
    .replace = "AutoScalingPolicy BidPrice Configurations CustomAmiId EbsConfiguration "
               "InstanceRole InstanceType JobFlowId Market Name",
    .required = "InstanceCount InstanceRole InstanceType JobFlowId",
    .properties = "AutoScalingPolicy BidPrice Configurations CustomAmiId EbsConfiguration "
                  "InstanceCount InstanceRole InstanceType JobFlowId Market Name",
};

const ResourceType resource_emr_fleet = {
    .type = "AWS::EMR::InstanceFleetConfig",
    .create = recipe_create,
    .update = update,
    .remove = remove_part,
    .recipe = &fleet,
    .replace = "ClusterId InstanceFleetType InstanceTypeConfigs LaunchSpecifications Name "
               "ResizeSpecifications",
    .required = "ClusterId InstanceFleetType",
    .properties = "ClusterId InstanceFleetType InstanceTypeConfigs LaunchSpecifications Name "
                  "ResizeSpecifications TargetOnDemandCapacity TargetSpotCapacity",
};
