/* results.h - how the result of a Map Run's child is written: alone or with what is known of it, flattened or not. */
#pragma once
#include "store/map_runs.h"

/* https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html */
typedef enum ResultTransformation {
    RESULT_NONE,    /* all that is known of the execution */
    RESULT_COMPACT, /* its output */
    RESULT_FLATTEN, /* the elements of its output */
} ResultTransformation;

typedef struct ResultForm {
    ResultTransformation transformation;
    bool lines; /* JSON Lines, else one array */
} ResultForm;

ResultForm result_form(const Json *order);
/* With the separator before it, unless it is the *first. One that did not succeed is always written
 * as with RESULT_NONE. */
void result_put(Buf *out, const ResultForm *form, const MapResult *r, bool *first);
/* Of a child that never began. */
void result_put_pending(Buf *out, const ResultForm *form, Str input, bool *first);
