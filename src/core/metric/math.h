/* math.h - metric math: expressions over time series, parsed and evaluated. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 *
 * A value is a scalar, a time series, or an array of time series. Operators, loosest first: || OR;
 * && AND; < <= > >= == !=; + -; * /; unary -; ^. Between two series they hold at the times that
 * both have; what is no finite number (a division by zero) is no point. Arrays combine with scalars
 * and single series, not with each other. Functions: ABS AVG CEIL DATAPOINT_COUNT DATE DAY DIFF
 * DIFF_TIME EPOCH FILL FIRST FLOOR HOUR IF LAST LOG LOG10 MAX METRICS METRIC_COUNT MIN MINUTE MONTH
 * PERIOD RATE REMOVE_EMPTY RUNNING_SUM SEARCH SLICE SORT STDDEV SUM TIME_SERIES YEAR; names of
 * functions are written in capitals. Others that CloudWatch knows are refused by name.
 *
 * Errors are ERR_VALIDATION and name the place. Nothing here reads a clock. */
enum {
    MATH_BYTES_MAX = 2048,
    MATH_DEPTH_MAX = 32,
    MATH_NODES_MAX = 512,
    MATH_SERIES_MAX = 500, /* of one array */
};
#define MATH_STEPS_MAX ((int64_t)4 * 1000 * 1000) /* points computed for one expression */

typedef struct MathPoint {
    Millis at;
    double value;
} MathPoint;

/* Times rise. */
typedef struct MathSeries {
    Str label;
    int64_t period_s;
    MathPoint *p;
    int64_t n;
} MathSeries;

typedef struct MathValue {
    bool scalar, array; /* neither: one series */
    double number;      /* of a scalar */
    MathSeries *series;
    int64_t n; /* 1 unless array */
} MathValue;

typedef enum MathKind {
    MATH_NUMBER,
    MATH_TEXT,
    MATH_NAME,
    MATH_CALL,
    MATH_OPERATOR,
    MATH_NEGATE,
    MATH_LIST,
} MathKind;

typedef struct MathNode MathNode;
struct MathNode {
    MathKind kind;
    double number;
    Str text; /* of a text or name; the function; the operator: "<=", "||" for OR */
    MathNode **args;
    int64_t n;
    int64_t at; /* offset in the expression */
};

must_use bool math_parse(Str text, Arena *a, const MathNode **out, Error *err);

/* What an expression can ask for. */
typedef struct MathWorld {
    void *owner;
    Millis from, to;  /* of the request */
    int64_t period_s; /* of series that an expression makes: the request's shortest */
    /* The query of this id, evaluated. false: err. */
    bool (*named)(void *owner, Str id, Arena *a, MathValue *out, Error *err);
    /* METRICS(): the request's metrics whose id contains `part` (absent: all). */
    bool (*metrics)(void *owner, Str part, Arena *a, MathValue *out, Error *err);
    /* SEARCH. */
    bool (*search)(void *owner, Str query, Str statistic, int64_t period_s, Arena *a,
                   MathValue *out, Error *err);
} MathWorld;

must_use bool math_evaluate(const MathNode *node, const MathWorld *world, Arena *a, MathValue *out,
                            Error *err);
/* Ids that the expression names. */
void math_names(const MathNode *node, Arena *a, StrVec *out);

/* "{AWS/EC2,InstanceId} MetricName=\"CPUUtilization\" web": all terms must hold; OR, NOT and
 * parentheses are refused. */
typedef struct MathSearch {
    bool schema;    /* dimensions' names are given */
    Str name_space; /* absent: any */
    StrVec dimensions;
    struct MathTerm {
        Str key; /* "MetricName", "Namespace", a dimension; absent: any of them */
        Str value;
        bool exact; /* was in quotes */
    } * terms;
    int64_t terms_n;
} MathSearch;
must_use bool math_search_parse(Str text, Arena *a, MathSearch *out, Error *err);
