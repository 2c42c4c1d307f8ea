/* cloudformation.h - what the files of the CloudFormation API share. */
#pragma once
#include "api/api.h"
#include "app/stacks/answer.h"
#include "app/stacks/stacks.h"
#include "core/stack/parameters.h"

enum { CFN_NAME_BYTES_MAX = 128 };

Str cfn_text(const Call *call, const char *member);
CallResult cfn_end(Call *call, bool good);
CallResult cfn_done(Call *call); /* with an empty answer */

/* By StackName: a name or an ARN. ERR_VALIDATION: "Stack with id X does not exist". */
must_use bool cfn_stack(Call *call, StackRow *out, Error *err);
/* ... "Stack [X] does not exist": as the calls that change one word it. */
must_use bool cfn_stack_to_change(Call *call, StackRow *out, Error *err);
/* A new stack of this name, not recorded yet. */
void cfn_new_stack(Call *call, Str name, StackRow *out);
must_use bool cfn_good_name(Str name, Error *err);

/* Sets row->acting; ERR_VALIDATION: the role cannot be assumed. role: RoleARN, or absent. */
must_use bool cfn_take_acting(Call *call, Str role, StackRow *row, Error *err);
Str cfn_role(const StackRow *row, Arena *a); /* RoleARN of the stack; absent: it has none */

/* Where the stack of a request is to go: its template, parameters and options, all checked. */
typedef struct StackGoal {
    Str text;
    Json body, facts;
    Str policy,
        during; /* stack policies: the one to have, that in force in this update; absent: none */
    StackPlan *plan;
    StackGraph graph;
} StackGoal;

/* row: of the stack as it is; new ones have no body. ERR_VALIDATION, ERR_CFN_CAPABILITIES. */
must_use bool cfn_goal(Call *call, const StackRow *row, bool change_set, StackGoal *out,
                       Error *err);
Str cfn_goal_next(Call *call, const StackGoal *goal); /* as StackRow.next */
/* StackPolicyBody or its URL, during: StackPolicyDuringUpdateBody; absent: none is given. */
must_use bool cfn_policy(Call *call, bool during, Str *out, Error *err);

/* What the template's transforms make of *root (core/stack/transform.h); head: its head. */
must_use bool cfn_transform(Call *call, const StackRow *row, const Template *head,
                            const Json *values, Json *root, Error *err);
/* The template that TemplateBody or TemplateURL give; *given false: neither does. */
must_use bool cfn_template(Call *call, bool *given, Str *text, Json *root, Error *err);
/* ResourcesToImport and ImportExistingResources: goal->facts.import. */
must_use bool cfn_take_imports(Call *call, const StackRow *row, StackGoal *goal,
                               const StackChanges *all, Error *err);
/* Why a template needs capabilities; NULL: it needs none. */
const char *cfn_capability(const Template *t, Arena *a, Str *types);
must_use bool cfn_types_known(const Server *s, const Template *t, Arena *a, Error *err);

/* Change sets that will not be executed go with what they made for nested stacks. */
void cfn_drop_sets(Call *call, const StackRow *row);

/* Pages: NextToken is the number after which it goes on. */
must_use bool cfn_next_token(const Call *call, int64_t *out, Error *err);
void cfn_put_next_token(Call *call, JsonObject *out, int64_t n);

CallHandler cfn_create_stack, cfn_update_stack, cfn_delete_stack, cfn_cancel_update,
    cfn_continue_rollback, cfn_roll_back, cfn_signal;
CallHandler cfn_list_types, cfn_describe_type, cfn_account_limits, cfn_list_stack_sets;
CallHandler cfn_describe_hooks;
CallHandler cfn_describe_stacks, cfn_list_stacks, cfn_describe_events, cfn_describe_resource,
    cfn_describe_resources, cfn_list_resources;
CallHandler cfn_get_template, cfn_template_summary, cfn_validate_template;
CallHandler cfn_create_change_set, cfn_describe_change_set, cfn_execute_change_set,
    cfn_list_change_sets, cfn_delete_change_set;
/* DriftInformation, of a stack's facts and of a resource. */
Json cfn_stack_drift(Arena *a, const Json *facts);
Json cfn_resource_drift(Arena *a, const StackResourceRow *r);
CallHandler cfn_detect_drift, cfn_detect_resource_drift, cfn_describe_detection,
    cfn_describe_resource_drifts;
CallHandler cfn_list_exports, cfn_list_imports, cfn_set_policy, cfn_get_policy, cfn_set_protection;
