/* programs.h - what the programs of steps and bootstrap actions do in the simulated world, and what became of them. */
#pragma once
#include "world.h"

/* A program is named by a number that its arguments carry as "sim-<number>"; what it does was drawn
 * when it was made. */
typedef struct Program {
    int64_t number;
    int64_t runs_ms; /* INT64_MAX: for ever */
    int code;
    bool deaf;   /* does not hear SIGTERM */
    bool daemon; /* leaves a child of its own behind */
    bool bootstrap;
    char cluster[32]; /* where it was seen to start */
    int64_t starts;
    Millis started_at;
    bool exited; /* by itself, with `code` */
} Program;

Program *program_new(bool bootstrap);
Program *program_get(int64_t number);
int64_t programs_count(void);
