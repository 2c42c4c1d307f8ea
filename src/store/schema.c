/* schema.c - the list of all tables of state.db, one string per file of store/ that owns them. */
#include "store/db.h"

extern const char timers_schema[], keys_schema[];
extern const char buckets_schema[], objects_schema[], multipart_schema[];
extern const char clusters_schema[], steps_schema[], changes_schema[], leases_schema[],
    ledger_schema[], outbox_schema[];
extern const char documents_schema[];
extern const char functions_schema[], invocations_schema[];
extern const char machines_schema[], executions_schema[], executions_work_schema[];
extern const char execution_arns_schema[];
extern const char activities_schema[], aliases_schema[];
extern const char log_groups_schema[], log_filters_schema[], log_events_schema[],
    connections_schema[];
extern const char map_runs_schema[];
extern const char iam_schema[], credentials_schema[], trail_schema[];
extern const char stacks_schema[], stack_records_schema[], stack_drifts_schema[];

extern const char event_buses_schema[], event_rules_schema[];
extern const char schedules_schema[], deliveries_schema[];
extern const char parameters_schema[], secrets_schema[], metrics_schema[], alarms_schema[];
extern const char queues_schema[], messages_schema[], move_tasks_schema[];

extern const char topics_schema[], event_sources_schema[], layers_schema[];
extern const char api_destinations_schema[], event_archives_schema[];

/* Each is a series of CREATE TABLE/INDEX IF NOT EXISTS statements. */
const char *const db_schemas[] = {
    timers_schema,
    keys_schema,
    buckets_schema,
    objects_schema,
    multipart_schema,
    clusters_schema,
    steps_schema,
    changes_schema,
    leases_schema,
    ledger_schema,
    outbox_schema,
    documents_schema,
    machines_schema,
    executions_schema,
    execution_arns_schema,
    executions_work_schema,
    log_groups_schema,
    log_events_schema,
    activities_schema,
    aliases_schema,
    map_runs_schema,
    functions_schema,
    invocations_schema,
    connections_schema,
    iam_schema,
    credentials_schema,
    schedules_schema,
    deliveries_schema,
    queues_schema,
    messages_schema,
    parameters_schema,
    secrets_schema,
    metrics_schema,
    alarms_schema,
    stacks_schema,
    stack_records_schema,
    event_buses_schema,
    event_rules_schema,
    topics_schema,
    trail_schema,
    move_tasks_schema,
    log_filters_schema,
    event_sources_schema,
    layers_schema,
    api_destinations_schema,
    event_archives_schema,
    stack_drifts_schema,
    NULL,
};
