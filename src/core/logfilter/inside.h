/* inside.h - private to this folder: a parsed filter pattern, and the parts it is made of. */
#pragma once
#include "base/decimal.h"
#include "base/json.h"
#include "core/logfilter/logfilter.h"

typedef struct LogRegex LogRegex;
/* What of PCRE2's language the service takes: no groups. NULL: *why says what is wrong. */
const LogRegex *logfilter_regex(Str text, Arena *a, Str *why);
bool logfilter_regex_finds(const LogRegex *r, Str text);

typedef enum LogOp {
    LOG_EQ,
    LOG_NE,
    LOG_LE,
    LOG_GE,
    LOG_LT,
    LOG_GT,
    LOG_IS_NULL,
    LOG_IS_TRUE,
    LOG_IS_FALSE,
    LOG_NOT_EXISTS,
} LogOp;

typedef struct LogValue {
    Str text;              /* with * for any text, unless it is a regular expression */
    const LogRegex *regex; /* NULL: none */
    bool is_number;        /* written without quotation marks */
    Decimal number;
} LogValue;

/* A way into a document; `any`: each item or member. */
typedef struct LogStep {
    Str key; /* absent: index */
    int64_t index;
    bool any;
} LogStep;
typedef struct LogPath {
    LogStep *p;
    int64_t n, cap;
} LogPath;

typedef struct LogNode {
    enum { LOG_NODE_TEST, LOG_NODE_AND, LOG_NODE_OR } kind;
    const struct LogNode *left, *right;
    LogPath path; /* of a document; columns have none */
    LogOp op;
    LogValue value;
} LogNode;

typedef struct LogTerm {
    char sign; /* '?', '-', or 0 */
    LogValue value;
} LogTerm;

typedef struct LogColumn {
    bool rest;           /* "..." */
    const LogNode *test; /* NULL: anything */
} LogColumn;

struct LogFilter {
    enum { LOG_FILTER_TERMS, LOG_FILTER_DOCUMENT, LOG_FILTER_COLUMNS } kind;
    const LogNode *test; /* LOG_FILTER_DOCUMENT */
    struct {
        LogTerm *p;
        int64_t n, cap;
    } terms;
    struct {
        LogColumn *p;
        int64_t n, cap;
    } columns;
};

/* Where parsing stands. */
typedef struct LogParse {
    Arena *a;
    Str rest;
    Str why; /* of the first mistake */
    int depth, regexes;
    const char *ends; /* bytes that end a word here */
} LogParse;
bool logfilter_wrong(LogParse *p, const char *fmt, ...) printf_like(2, 3); /* false */
void logfilter_blanks(LogParse *p);
bool logfilter_take(LogParse *p, Str token); /* after blanks */
/* "text", %regex% or a word. */
must_use bool logfilter_value(LogParse *p, LogValue *out);
/* test.c: conditions with && || and parentheses; of columns when `columns`. */
must_use bool logfilter_condition(LogParse *p, bool columns, const LogNode **out);
