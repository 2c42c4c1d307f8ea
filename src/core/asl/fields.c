/* fields.c - the table of a state's fields, from the States Language specification. */
#include "core/asl/fields.h"

#define TASK (1u << ASL_TASK)
#define WAIT (1u << ASL_WAIT)
#define PASS (1u << ASL_PASS)
#define OK   (1u << ASL_SUCCEED)
#define FAIL (1u << ASL_FAIL)
#define PICK (1u << ASL_CHOICE)
#define PAR  (1u << ASL_PARALLEL)
#define MAP  (1u << ASL_MAP)
#define ALL  (TASK | WAIT | PASS | OK | FAIL | PICK | PAR | MAP)

const char *const asl_type_names[ASL_STATE_TYPES] = {
    [ASL_TASK] = "Task",         [ASL_WAIT] = "Wait", [ASL_PASS] = "Pass",
    [ASL_SUCCEED] = "Succeed",   [ASL_FAIL] = "Fail", [ASL_CHOICE] = "Choice",
    [ASL_PARALLEL] = "Parallel", [ASL_MAP] = "Map",
};

const AslFieldRule asl_fields[] = {
    {"Type", ALL, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Comment", ALL, IN_BOTH, FORM_TEXT, -1, false},
    {"QueryLanguage", ALL, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Next", TASK | WAIT | PASS | PAR | MAP, IN_BOTH, FORM_SPECIAL, -1, false},
    {"End", TASK | WAIT | PASS | PAR | MAP, IN_BOTH, FORM_SPECIAL, -1, false},
    {"InputPath", ALL & ~FAIL, IN_PATH, FORM_PATH_ONLY, F_INPUT_PATH, true},
    {"OutputPath", ALL & ~FAIL, IN_PATH, FORM_PATH_ONLY, F_OUTPUT_PATH, true},
    {"ResultPath", TASK | PASS | PAR | MAP, IN_PATH, FORM_REFERENCE, F_RESULT_PATH, true},
    {"Parameters", TASK | PASS | PAR | MAP, IN_PATH, FORM_TEMPLATE, F_PARAMETERS, false},
    {"ResultSelector", TASK | PAR | MAP, IN_PATH, FORM_TEMPLATE, F_RESULT_SELECTOR, false},
    {"Arguments", TASK | PAR, IN_JSONATA, FORM_TEMPLATE, F_ARGUMENTS, false},
    {"Output", ALL & ~FAIL, IN_JSONATA, FORM_TEMPLATE, F_OUTPUT, false},
    {"Assign", ALL & ~(OK | FAIL), IN_BOTH, FORM_TEMPLATE, F_ASSIGN, false},
    {"Result", PASS, IN_PATH, FORM_CONST, F_RESULT, false},
    {"Resource", TASK, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Credentials", TASK, IN_BOTH, FORM_TEMPLATE, F_CREDENTIALS, false},
    {"TimeoutSeconds", TASK, IN_BOTH, FORM_WHOLE, F_TIMEOUT_SECONDS, false},
    {"TimeoutSecondsPath", TASK, IN_PATH, FORM_PATH, F_TIMEOUT_SECONDS_PATH, false},
    {"HeartbeatSeconds", TASK, IN_BOTH, FORM_WHOLE, F_HEARTBEAT_SECONDS, false},
    {"HeartbeatSecondsPath", TASK, IN_PATH, FORM_PATH, F_HEARTBEAT_SECONDS_PATH, false},
    {"Retry", TASK | PAR | MAP, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Catch", TASK | PAR | MAP, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Seconds", WAIT, IN_BOTH, FORM_WHOLE, F_SECONDS, false},
    {"SecondsPath", WAIT, IN_PATH, FORM_PATH, F_SECONDS_PATH, false},
    {"Timestamp", WAIT, IN_BOTH, FORM_TIME, F_TIMESTAMP, false},
    {"TimestampPath", WAIT, IN_PATH, FORM_PATH, F_TIMESTAMP_PATH, false},
    {"Error", FAIL, IN_BOTH, FORM_STRING_EXPR, F_ERROR, false},
    {"ErrorPath", FAIL, IN_PATH, FORM_PATH, F_ERROR_PATH, false},
    {"Cause", FAIL, IN_BOTH, FORM_STRING_EXPR, F_CAUSE, false},
    {"CausePath", FAIL, IN_PATH, FORM_PATH, F_CAUSE_PATH, false},
    {"Choices", PICK, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Default", PICK, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Branches", PAR, IN_BOTH, FORM_SPECIAL, -1, false},
    {"ItemProcessor", MAP, IN_BOTH, FORM_SPECIAL, -1, false},
    {"Iterator", MAP, IN_BOTH, FORM_SPECIAL, -1, false},
    {"ItemsPath", MAP, IN_PATH, FORM_PATH, F_ITEMS_PATH, false},
    {"Items", MAP, IN_JSONATA, FORM_TEMPLATE, F_ITEMS, false},
    {"ItemSelector", MAP, IN_BOTH, FORM_TEMPLATE, F_ITEM_SELECTOR, false},
    {"MaxConcurrency", MAP, IN_BOTH, FORM_WHOLE, F_MAX_CONCURRENCY, false},
    {"MaxConcurrencyPath", MAP, IN_PATH, FORM_PATH, F_MAX_CONCURRENCY_PATH, false},
    {"ItemReader", MAP, IN_BOTH, FORM_TEMPLATE, F_ITEM_READER, false},
    {"ItemBatcher", MAP, IN_BOTH, FORM_TEMPLATE, F_ITEM_BATCHER, false},
    {"ResultWriter", MAP, IN_BOTH, FORM_TEMPLATE, F_RESULT_WRITER, false},
    {"ToleratedFailureCount", MAP, IN_BOTH, FORM_WHOLE, F_TOLERATED_COUNT, false},
    {"ToleratedFailureCountPath", MAP, IN_PATH, FORM_PATH, F_TOLERATED_COUNT_PATH, false},
    {"ToleratedFailurePercentage", MAP, IN_BOTH, FORM_NUMBER, F_TOLERATED_PERCENTAGE, false},
    {"ToleratedFailurePercentagePath", MAP, IN_PATH, FORM_PATH, F_TOLERATED_PERCENTAGE_PATH, false},
    {"Label", MAP, IN_BOTH, FORM_SPECIAL, -1, false},
};
const int asl_fields_n = countof(asl_fields);
