/* emr_cluster.c - AWS::EMR::Cluster: made when it works, gone when it has ended. */
#include "app/resources/emr_shape.h"
#include "app/resources/recipe.h"
#include "app/resources/types.h"

static bool prepare(Resource *r, Json *properties, Error *err)
{
    (void)err;
    *properties = emr_cluster_shape(properties, r->a);
    return true;
}

static const Recipe cluster = {
    .service = "emr",
    .prepare = prepare,
    .create = {"RunJobFlow",
               "Name LogUri LogEncryptionKmsKeyId AdditionalInfo ReleaseLabel Instances Steps "
               "BootstrapActions Applications Configurations VisibleToAllUsers JobFlowRole "
               "ServiceRole SecurityConfiguration AutoScalingRole ScaleDownBehavior CustomAmiId "
               "EbsRootVolumeSize EbsRootVolumeIops EbsRootVolumeThroughput KerberosAttributes "
               "StepConcurrencyLevel ManagedScalingPolicy PlacementGroupConfigs "
               "AutoTerminationPolicy OSReleaseLabel Tags=#list"},
    .remove = {"TerminateJobFlows", "JobFlowIds=[{id}"},
    .settings = {{"SetVisibleToAllUsers", "JobFlowIds=[{id} VisibleToAllUsers", "VisibleToAllUsers",
                  .later = true},
                 {"ModifyCluster", "ClusterId={id} StepConcurrencyLevel", "StepConcurrencyLevel",
                  .later = true},
                 {"PutManagedScalingPolicy", "ClusterId={id} ManagedScalingPolicy",
                  "ManagedScalingPolicy", "RemoveManagedScalingPolicy", "ClusterId={id}",
                  .later = true},
                 {"PutAutoTerminationPolicy", "ClusterId={id} AutoTerminationPolicy",
                  "AutoTerminationPolicy", "RemoveAutoTerminationPolicy", "ClusterId={id}",
                  .later = true},
                 {"SetTerminationProtection",
                  "JobFlowIds=[{id} TerminationProtected=Instances.TerminationProtected",
                  "Instances", .later = true},
                 {"SetKeepJobFlowAliveWhenNoSteps",
                  "JobFlowIds=[{id} "
                  "KeepJobFlowAliveWhenNoSteps=Instances.KeepJobFlowAliveWhenNoSteps",
                  "Instances", .later = true}},
    .tag = {"AddTags", "ResourceId={id} Tags=#list"},
    .untag = {"RemoveTags", "ResourceId={id} TagKeys=#gone"},
    .physical = "{.JobFlowId}",
    .attributes = "Id={id}",
};

/* ---- waiting ---- */

static ResourceEnd wait_for(Resource *r)
{
    r->wait_service = S("emr-cluster");
    r->wait_id = r->physical;
    return RESOURCE_WAITS;
}

static bool describe(Resource *r, Json *out, Error *err)
{
    JsonObject in = {.a = r->a};
    json_put_text(&in, S("ClusterId"), r->physical);
    if (!resource_call(r, S("emr"), S("DescribeCluster"), json_object(&in), out, err)) return false;
    *out = *json_get(out, S("Cluster"));
    return true;
}

static bool ended(Str state)
{
    return str_starts(state, S("TERMINATED"));
}

/* One that ended because its steps were done has done what it was for. */
static ResourceEnd look_created(Resource *r, const Json *found, Str state, Error *err)
{
    Str code = json_text(json_find(found, "Status.StateChangeReason.Code")),
        why = json_text(json_find(found, "Status.StateChangeReason.Message"));
    if (str_starts(state, S("TERMINAT")) && !str_eq(code, S("ALL_STEPS_COMPLETED")))
        return (void)error_set(err, ERR_VALIDATION,
                               "Resource handler returned message: \"Cluster %.*s is %.*s: %.*s "
                               "(%.*s)\" (RequestToken: %.*s, HandlerErrorCode: NotStabilized)",
                               STR(r->physical), STR(state), STR(why), STR(code), STR(r->token)),
               RESOURCE_FAILED;
    if (str_eq(state, S("STARTING")) || str_eq(state, S("BOOTSTRAPPING"))) return wait_for(r);
    resource_attribute(r, S("MasterPublicDNS"),
                       json_text(json_get(found, S("MasterPublicDnsName"))));
    return RESOURCE_DONE;
}

static ResourceEnd look(Resource *r, Error *err)
{
    Json found;
    bool removing = r->doing == RESOURCE_REMOVES;
    if (!describe(r, &found, err))
        return removing && resource_gone(r) ? RESOURCE_DONE : RESOURCE_FAILED;
    Str state = json_text(json_find(&found, "Status.State"));
    if (!removing) return look_created(r, &found, state, err);
    return ended(state) ? RESOURCE_DONE : wait_for(r);
}

static ResourceEnd create(Resource *r, Error *err)
{
    return recipe_create(r, err) == RESOURCE_DONE ? wait_for(r) : RESOURCE_FAILED;
}

/* A cluster that has ended by itself is gone, too. */
static ResourceEnd remove_cluster(Resource *r, Error *err)
{
    Json found;
    if (!describe(r, &found, err)) return RESOURCE_DONE;
    if (ended(json_text(json_find(&found, "Status.State")))) return RESOURCE_DONE;
    return recipe_remove(r, err) == RESOURCE_DONE ? wait_for(r) : RESOURCE_FAILED;
}

/* Of Instances only the flags change in place. */
static bool replaces(const Json *before, const Json *after, Str property)
{
    static const char *const flags[] = {"TerminationProtected", "KeepJobFlowAliveWhenNoSteps",
                                        "UnhealthyNodeReplacement"};
    if (!str_eq(property, S("Instances"))) return false;
    for (int turn = 0; turn < 2; turn++) {
        const Json *x = turn ? after : before, *y = turn ? before : after;
        for (int32_t i = 0; i < json_count(x); i++) {
            bool flag = false;
            for (int k = 0; k < countof(flags); k++)
                flag |= str_eq(x->members[i].key, str_from(flags[k]));
            const Json *other = json_get(y, x->members[i].key);
            if (!flag && (!other || !json_eq(other, &x->members[i].value))) return true;
        }
    }
    return false;
}

const ResourceType resource_emr_cluster = {
    .type = "AWS::EMR::Cluster",
    .create = create,
    .update = recipe_update,
    .remove = remove_cluster,
    .look = look,
    .recipe = &cluster,
    .replaces = replaces,
    .replace = "Name LogUri LogEncryptionKmsKeyId AdditionalInfo ReleaseLabel Steps "
               "BootstrapActions Applications Configurations JobFlowRole ServiceRole "
               "SecurityConfiguration AutoScalingRole ScaleDownBehavior CustomAmiId "
               "EbsRootVolumeSize EbsRootVolumeIops EbsRootVolumeThroughput KerberosAttributes "
               "PlacementGroupConfigs OSReleaseLabel",
    .required = "Instances JobFlowRole Name ServiceRole",
    .properties = "Name LogUri LogEncryptionKmsKeyId AdditionalInfo ReleaseLabel Instances Steps "
                  "BootstrapActions Applications Configurations VisibleToAllUsers JobFlowRole "
                  "ServiceRole SecurityConfiguration AutoScalingRole ScaleDownBehavior "
                  "CustomAmiId EbsRootVolumeSize EbsRootVolumeIops EbsRootVolumeThroughput "
                  "KerberosAttributes StepConcurrencyLevel ManagedScalingPolicy "
                  "PlacementGroupConfigs AutoTerminationPolicy OSReleaseLabel Tags",
};
