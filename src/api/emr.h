/* emr.h - private to api/emr*.c: finding what a request names, describing it, and the handlers of all files. */
#pragma once
#include "app/call.h"
#include "app/emr/clusters.h"
#include "core/cluster/jobflow.h"

enum { EMR_PAGE = 50, EMR_INSTANCES_PAGE = 2000, EMR_IDS_MAX = 10, EMR_CANCEL_IDS_MAX = 256 };
enum { EMR_VOLUMES_MAX = 25 }; /* of an instance */

/* The member's cluster in the caller's region; InvalidRequestException "Cluster id 'x' is not
 * valid." */
must_use bool emr_cluster(Call *call, Str member, ClusterRow *out, Error *err);
/* Operations that take job flow ids: ValidationException "Specified job flow ID does not exist." */
must_use bool emr_job_flow(Call *call, Str id, ClusterRow *out, Error *err);
/* A cluster that still takes changes; else InvalidRequestException. */
must_use bool emr_living_cluster(Call *call, Str member, ClusterRow *out, Error *err);
/* Number behind a marker of ours, 0 when there is none; InvalidRequestException when it is no
 * marker. */
must_use bool emr_marker(Call *call, int64_t *out, Error *err);
Json emr_new_marker(Arena *a, int64_t number);
CallResult emr_result(bool good);
/* The answer is {name: value}. */
CallResult emr_answer(Call *call, Str name, Json value);

Json emr_parse(Arena *a, Str json);                  /* a text of our own; absent: null */
Json emr_time(Arena *a, Millis t);                   /* epoch seconds */
void emr_put_time(JsonObject *o, Str key, Millis t); /* 0: nothing is put */

/* emr_cluster.c */
Json emr_cluster_status(Arena *a, const ClusterRow *row);
Str emr_cluster_arn(Arena *a, const ClusterRow *row);
int64_t emr_normalized_hours(const ClusterRow *row, int64_t factor, Millis now);

/* emr_steps.c: rows of new steps, with fresh ids. */
/* emr_roles.c: the cluster's processes get the role of its instance profile, a step's its own. */
void emr_give_role(Call *call, const ClusterRow *row, Str profile);
must_use bool emr_check_step_role(Call *call, const ClusterRow *row, Str arn, Error *err);
void emr_give_step_role(Call *call, const ClusterRow *row, Str step, Str arn);
StepRow *emr_new_steps(Call *call, const JobFlowSteps *steps);
JobFlowLimits emr_limits(const Call *call);

/* emr_instances.c: what was asked for, as groups or fleets with ids; kept with the cluster. */
typedef struct EmrInstances {
    Json doc;       /* {"Fleets": bool, "Groups": [..]} */
    Str master;     /* i-... of the first instance */
    int64_t factor; /* sum of normalization factors: units of NormalizedInstanceHours per hour */
} EmrInstances;
void emr_instances(Call *call, Str cluster_id, const JobFlow *flow, EmrInstances *out);
Json emr_group_doc(Arena *a, const JobFlowGroup *g, Str id); /* one of doc's Groups */

/* emr_groups.c: the policy of a group of the call's cluster, *row; NULL: it has none any more. */
must_use bool emr_group_set_scaling(Call *call, Str group, const Json *policy, ClusterRow *row,
                                    Error *err);

/* emr_scaling.c: a policy as it was given, as an AutoScalingPolicyDescription. */
Json emr_scaling_shown(Arena *a, const Json *policy, Str cluster);

/* emr_release.c */
must_use bool emr_release_check(Str label, Error *err);
Str emr_release_os(Str label);
/* Names with the release's versions, and what the request says besides. */
Json emr_applications(Arena *a, Str label, const StrVec *names, const Json *asked);

CallHandler emr_run_job_flow, emr_describe_cluster, emr_list_clusters, emr_terminate_job_flows,
    emr_modify_cluster, emr_set_termination_protection, emr_set_keep_alive, emr_set_visible,
    emr_set_unhealthy, emr_add_tags, emr_remove_tags, emr_list_bootstrap_actions;
CallHandler emr_add_steps, emr_describe_step, emr_list_steps, emr_cancel_steps;
CallHandler emr_list_groups, emr_list_fleets, emr_list_instances;
CallHandler emr_add_groups, emr_add_fleet, emr_modify_groups, emr_modify_fleet;
CallHandler emr_get_auto_termination, emr_put_auto_termination, emr_remove_auto_termination,
    emr_get_scaling, emr_put_scaling, emr_remove_scaling, emr_put_auto_scaling,
    emr_remove_auto_scaling;
CallHandler emr_describe_release, emr_list_releases, emr_list_instance_types;
CallHandler emr_create_security, emr_describe_security, emr_list_security, emr_delete_security;
CallHandler emr_get_public_access, emr_put_public_access, emr_describe_job_flows;
