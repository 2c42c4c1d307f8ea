/* api.h - the services this server speaks. */
#pragma once
#include "app/call.h"

/* One table a service, ends with NULL. Given to server_open. */
extern const CallTable *const api_tables[];

extern const CallTable s3_calls, emr_calls, sts_calls, states_calls, logs_calls, lambda_calls,
    events_calls, iam_calls, cloudtrail_calls, scheduler_calls, sqs_calls;
extern const CallTable ssm_calls, secrets_calls, cloudwatch_calls;
extern const CallTable cloudformation_calls, sns_calls;
