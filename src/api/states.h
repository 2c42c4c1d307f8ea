/* states.h - private to api/states*.c: finding what a request names, pages, and the handlers of all files. */
#pragma once
#include "app/states/executions.h"
#include "core/asl/asl.h"
#include "store/aliases.h"

enum {
    STATES_PAGE = 100,
    STATES_PAGE_MAX = 1000,
    STATES_TAGS_MAX = 50,
    STATES_TOKEN_MS = 24 * 60 * 60 * 1000, /* "Each pagination token expires after 24 hours" */
};

Str states_text(const Call *call, const char *member);

/* "arn:...:stateMachine:name" or with ":version" behind it. */
typedef struct StatesMachine {
    MachineRow row;
    int64_t version;          /* 0: none was named */
    MachineRevision revision; /* of the version, else the current one */
    Str version_text;         /* description of the version */
    Millis version_created;
} StatesMachine;
must_use bool states_machine(Call *call, Str arn, StatesMachine *out, Error *err);
/* The same for what changes or starts: it is not being deleted. */
must_use bool states_living_machine(Call *call, Str arn, StatesMachine *out, Error *err);
must_use bool states_check_living(const MachineRow *row, Error *err);
/* The place of the colon behind a machine's name, before a version or an alias:
 * arn:p:states:region:account:stateMachine:name:what. -1: there is none. */
int64_t states_end_of_name(Str arn);
must_use bool states_check_arn(Str arn, Error *err);
must_use bool states_check_type(Str arn, const char *type, Error *err); /* "activity" */
must_use bool states_execution(Call *call, Str arn, ExecutionRow *out, Error *err);
/* states_aliases.c. states_route is states_machine for what is started: an alias's ARN leads to one
 * of its versions, by weight; *alias_arn absent: it is none. */
must_use bool states_route(Call *call, Str arn, StatesMachine *out, Str *alias_arn, Error *err);
must_use bool states_find_alias(Call *call, Str arn, StatesMachine *m, MachineAlias *out);
Str states_alias_arn(Arena *a, Str machine_arn, Str name);
Str states_version_arn(Arena *a, Str machine_arn, int64_t number);
/* A name without blanks, brackets, wildcards, control and special characters. */
must_use bool states_check_name(Arena *a, Str name, Error *err);

/* states_tags.c: the tags of a new resource, or those to be added. */
must_use bool states_check_tags(Call *call, Error *err);
/* states_encryption.c: that an encryptionConfiguration, if any, is whole. It is kept and told. */
must_use bool states_check_encryption(Call *call, Error *err);

/* That the loggingConfiguration of the request, if any, can be carried out. */
/* states_role.c: the role may do what making the machine needs. arn: the machine's. */
must_use bool states_check_role(Call *call, Str arn, const MachineRevision *r, Error *err);
must_use bool states_check_logging(Call *call, Error *err);

/* maxResults, and the number or text behind nextToken (absent: from the start). */
int64_t states_page(const Call *call);
must_use bool states_token(Call *call, Str *out, Error *err);
must_use bool states_token_number(Call *call, int64_t *out, Error *err);
/* The answer of a listing: `list` as `member`; `place`: where there is more; absent, 0: nowhere. */
CallResult states_listed(Call *call, const char *member, const JsonArray *list, Str place);
CallResult states_listed_number(Call *call, const char *member, const JsonArray *list,
                                int64_t place);

Json states_parse(Arena *a, Str json); /* a text of our own; absent: null */
/* The member `input`, {} when it is not given: JSON, and not too large. */
must_use bool states_input(Call *call, Str *out, Error *err);
/* Why a text is no JSON, in the words of the parser that the service has. */
Str states_explain(Arena *a, Str text, const Error *parse);
/* states_mock.c: a mocked result against the model of the action. true where there is no model. */
must_use bool states_check_mock(Arena *a, const AslTestState *state, const Json *result,
                                bool strict, Error *err);
/* The member's text as JSON; when it is not given, `otherwise`. */
Str states_config(Call *call, const char *member, Str otherwise);
Json states_time(Arena *a, Millis t);

CallHandler states_create_machine, states_update_machine, states_delete_machine,
    states_describe_machine, states_describe_machine_for_execution, states_list_machines,
    states_validate_definition, states_test_state;
CallHandler states_publish_version, states_list_versions, states_delete_version;
CallHandler states_create_alias, states_update_alias, states_describe_alias, states_delete_alias,
    states_list_aliases;
CallHandler states_list_tags, states_tag, states_untag;
CallHandler states_start_execution, states_start_sync_execution, states_describe_execution,
    states_list_executions, states_stop_execution, states_redrive_execution, states_get_history;
CallHandler states_create_activity, states_delete_activity, states_describe_activity,
    states_list_activities, states_get_activity_task;
CallHandler states_describe_map_run, states_list_map_runs, states_update_map_run;
CallHandler states_task_success, states_task_failure, states_task_heartbeat;

/* states_versions.c: version of the current revision, made when there is none. */
must_use bool states_publish(Call *call, const MachineRow *row, Str description,
                             MachineVersion *out, Error *err);

/* states_map_runs.c: the children of the run that the request names; how many items one has. */
must_use bool states_map_run_filter(Call *call, ExecutionFilter *f, Error *err);
int64_t states_item_count(Call *call, const ExecutionRow *row);
/* Of the run whose child it is; absent: it is none. */
Str states_map_run_label(Call *call, const ExecutionRow *row);
