/* rule.h - the rule of a composite alarm: states of other alarms, put together with AND, OR and NOT. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 *
 *     ALARM("cpu") AND NOT (OK(disk) OR INSUFFICIENT_DATA(arn:...)) OR TRUE
 *
 * NOT binds most tightly, then AND, then OR. An alarm is named by its name, in quotes or not, or by
 * its ARN. */
enum {
    RULE_BYTES_MAX = 10240,
    RULE_ALARMS_MAX = 100,
    RULE_ELEMENTS_MAX = 500,
    RULE_DEPTH_MAX = 50,
};

typedef enum RuleKind { RULE_TRUE, RULE_FALSE, RULE_STATE, RULE_NOT, RULE_AND, RULE_OR } RuleKind;

typedef struct RuleNode {
    RuleKind kind;
    Str state, alarm; /* "ALARM"; its name, also where an ARN was given */
    const struct RuleNode *left, *right;
} RuleNode;

typedef struct Rule {
    const RuleNode *root;
    StrVec alarms; /* names, each once */
} Rule;

must_use bool rule_parse(Str text, Arena *a, Rule *out, Error *err);
/* state: of an alarm, by name; absent: there is none, and nothing holds of it. */
bool rule_holds(const RuleNode *node, Str (*state)(void *owner, Str alarm), void *owner);
