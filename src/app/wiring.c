/* wiring.c - which module a timer's kind belongs to: one row a kind. */
#include "app/turn.h"

#include "app/activities.h"
#include "app/alarms.h"
#include "app/cloudwatch_logs.h"
#include "app/clusters.h"
#include "app/connections.h"
#include "app/deliveries.h"
#include "app/event_bus.h"
#include "app/executions.h"
#include "app/functions.h"
#include "app/lifecycle.h"
#include "app/map_runs.h"
#include "app/queues.h"
#include "app/schedules.h"
#include "app/secrets.h"
#include "app/stacks.h"
#include "app/stacks_answer.h"
#include "app/sweep.h"
#include "app/topics.h"

const TimerHandler timer_handlers[] = {
    {"activity-poll", activities_poll_due},
    {"alarm", alarms_due},
    {"cluster", clusters_timer_due},
    {"cluster-retention", clusters_retention_due},
    {"connection", connections_due},
    {"delivery", deliveries_due},
    {"event-rules", event_rules_due},
    {"event-follow", event_follow_due},
    {"lambda", functions_timer_due},
    {"log-sweep", log_sweep_due},
    {"lifecycle", lifecycle_due},
    {"schedules", schedules_due},
    {"schedule-group", schedule_group_due},
    {"queue-sweep", queues_sweep_due},
    {"queue-wait", queues_wait_due},
    {"stack-answer", stack_answers_due},
    {"states", executions_timer_due},
    {"states-order", executions_order_due},
    {"states-retention", executions_retention_due},
    {"map-run", map_runs_due},
    {"stack-resource", stacks_due},
    {"stack-timeout", stacks_timeout_due},
    {"secret", secrets_due},
    {"sweep", sweep_due},
    {"topic-post", topics_post_due},
    {0},
};
