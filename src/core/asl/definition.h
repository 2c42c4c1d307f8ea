/* definition.h - private to this folder: a definition as parsed, every expression compiled, every transition an index. */
#pragma once
#include "core/asl/asl.h"
#include "core/asl/expr.h"

typedef enum AslStateType {
    ASL_TASK,
    ASL_WAIT,
    ASL_PASS,
    ASL_SUCCEED,
    ASL_FAIL,
    ASL_CHOICE,
    ASL_PARALLEL,
    ASL_MAP,
    ASL_STATE_TYPES
} AslStateType;

/* Fields whose value is kept as one compiled expression. */
typedef enum AslField {
    F_INPUT_PATH,
    F_OUTPUT_PATH,
    F_RESULT_PATH,
    F_PARAMETERS,
    F_ARGUMENTS,
    F_RESULT_SELECTOR,
    F_OUTPUT,
    F_ASSIGN,
    F_RESULT,
    F_CREDENTIALS,
    F_TIMEOUT_SECONDS,
    F_TIMEOUT_SECONDS_PATH,
    F_HEARTBEAT_SECONDS,
    F_HEARTBEAT_SECONDS_PATH,
    F_SECONDS,
    F_SECONDS_PATH,
    F_TIMESTAMP,
    F_TIMESTAMP_PATH,
    F_ERROR,
    F_ERROR_PATH,
    F_CAUSE,
    F_CAUSE_PATH,
    F_ITEMS,
    F_ITEMS_PATH,
    F_ITEM_SELECTOR,
    F_MAX_CONCURRENCY,
    F_MAX_CONCURRENCY_PATH,
    F_TOLERATED_COUNT,
    F_TOLERATED_COUNT_PATH,
    F_TOLERATED_PERCENTAGE,
    F_TOLERATED_PERCENTAGE_PATH,
    F_ITEM_READER,
    F_ITEM_BATCHER,
    F_RESULT_WRITER,
    F_COUNT
} AslField;

typedef struct AslRetrier {
    const Json *errors;
    int32_t attempts;
    double interval, backoff;
    double delay_max; /* 0: none */
    bool jitter;
} AslRetrier;

typedef struct AslCatcher {
    const Json *errors;
    int32_t next;
    Str next_name;
    const AslExpr *result_path, *output, *assign; /* NULL: not given */
} AslCatcher;

/* A condition of a Choice: And, Or, Not, or one comparison. */
typedef enum AslRuleKind { RULE_AND, RULE_OR, RULE_NOT, RULE_COMPARE, RULE_CONDITION } AslRuleKind;
typedef struct AslRule {
    AslRuleKind kind;
    const struct AslRule *rules;
    int32_t n;
    const struct AslComparison *comparison;
    const AslExpr *variable, *operand; /* operand: constant, or the path of ...Path */
    const AslExpr *condition;          /* JSONata */
} AslRule;

typedef struct AslChoice {
    AslRule rule;
    int32_t next;
    Str next_name;
    const AslExpr *assign, *output;
} AslChoice;

typedef struct AslState {
    Str name;
    AslStateType type;
    bool jsonata;
    int32_t next; /* state in the same flow; -1: the flow's end, or a state tested on its own */
    Str next_name, otherwise_name;
    const AslExpr *field[F_COUNT]; /* NULL: not given */
    Str resource, service, action, pattern;
    AslTaskKind task;
    const AslRetrier *retriers;
    int32_t retriers_n;
    const AslCatcher *catchers;
    int32_t catchers_n;
    const AslChoice *choices;
    int32_t choices_n, otherwise; /* Default; -1: none */
    const int32_t *branches;      /* flows of a Parallel; of a Map its one processor */
    int32_t branches_n;
    bool distributed;
    Str label;
} AslState;

typedef struct AslFlow {
    const AslState *states;
    int32_t n, start;
    bool express;
    Str name; /* of the Map or Parallel it belongs to */
} AslFlow;

struct AslDefinition {
    Str comment;
    int32_t timeout_seconds;
    const AslFlow *flows;
    int32_t flows_n;
    bool context; /* may read the context object */
    bool modern;  /* uses JSONata or variables somewhere: see map.c */
};
