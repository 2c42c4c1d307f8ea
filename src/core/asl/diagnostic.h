/* diagnostic.h - what is wrong with a definition: code, place and message, as ValidateStateMachineDefinition tells it. */
#pragma once
#include "base/str.h"

typedef struct AslDiagnostic {
    bool warning;
    Str code;     /* "SCHEMA_VALIDATION_FAILED" */
    Str location; /* "/States/Load/Next" */
    Str message;
} AslDiagnostic;

enum { ASL_DIAGNOSTICS_MAX = 100 };
typedef struct AslDiagnostics {
    AslDiagnostic *p;
    int64_t n, cap;
    bool truncated; /* more were found than ASL_DIAGNOSTICS_MAX */
} AslDiagnostics;

/* The errors in one line, as CreateStateMachine answers: "CODE: message at /place, CODE: ..." */
Str asl_diagnostics_text(Arena *a, const AslDiagnostics *found);
