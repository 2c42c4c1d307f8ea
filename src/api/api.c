/* api.c - the list of services. */
#include "api/api.h"

const CallTable *const api_tables[] = {
    &s3_calls,     &emr_calls,    &sts_calls,     &states_calls,     &logs_calls,
    &lambda_calls, &events_calls, &iam_calls,     &cloudtrail_calls, &scheduler_calls,
    &sqs_calls,    &ssm_calls,    &secrets_calls, &cloudwatch_calls, &cloudformation_calls,
    &sns_calls,    NULL,
};
