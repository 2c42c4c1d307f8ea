/* wiring.c - which module a timer's kind belongs to: one row a kind. */
#include "app/turn.h"

#include "app/emr/clusters.h"
#include "app/emr/sweep.h"
#include "app/events/archives.h"
#include "app/events/connections.h"
#include "app/events/deliveries.h"
#include "app/events/event_bus.h"
#include "app/events/schedules.h"
#include "app/functions/functions.h"
#include "app/functions/sources.h"
#include "app/map_runs/map_runs.h"
#include "app/messages/moves.h"
#include "app/messages/queues.h"
#include "app/messages/topics.h"
#include "app/objects/lifecycle.h"
#include "app/resources/answers.h"
#include "app/stacks/answer.h"
#include "app/stacks/drift.h"
#include "app/stacks/stacks.h"
#include "app/states/activities.h"
#include "app/states/executions.h"
#include "app/states/trials.h"
#include "app/vault/secrets.h"
#include "app/watch/alarms.h"
#include "app/watch/cloudwatch_logs.h"

const TimerHandler timer_handlers[] = {
    {"activity-poll", activities_poll_due},
    {"alarm", alarms_due},
    {"cluster", clusters_timer_due},
    {"cluster-retention", clusters_retention_due},
    {"connection", connections_due},
    {"delivery", deliveries_due},
    {"delivery-sent", deliveries_due},
    {"event-archive", archives_due},
    {"event-replay", replays_due},
    {"event-rules", event_rules_due},
    {"event-follow", event_follow_due},
    {"event-source", sources_due},
    {"event-batch", sources_batch_due},
    {"lambda", functions_timer_due},
    {"log-sweep", log_sweep_due},
    {"lifecycle", lifecycle_due},
    {"schedules", schedules_due},
    {"schedule-group", schedule_group_due},
    {"queue-move", moves_due},
    {"queue-sweep", queues_sweep_due},
    {"queue-wait", queues_wait_due},
    {"stack-answer", stack_answers_due},
    {"states", executions_timer_due},
    {"states-order", executions_order_due},
    {"states-retention", executions_retention_due},
    {"map-run", map_runs_due},
    {"stack-resource", stacks_due},
    {"stack-drift", stack_drift_due},
    {"stack-timeout", stacks_timeout_due},
    {"answer-address", answers_due},
    {"secret", secrets_due},
    {"sweep", sweep_due},
    {"topic-post", topics_post_due},
    {"trial", trials_due},
    {0},
};
