/* asl_world.h - a host for executions in memory: frames as rows, a virtual clock, commands waiting to be answered. */
#pragma once
#include "core/asl/asl.h"

typedef struct AslWorld {
    Arena *a;
    const AslDefinition *def;
    AslExecution exec;
    Millis now;
    uint64_t seed;
    struct {
        AslFrame *p;
        int64_t n, cap;
    } rows; /* id 0: deleted */
    struct {
        AslHistory *p;
        int64_t n, cap;
    } history;
    struct {
        AslCommand *p;
        int64_t n, cap;
    } commands; /* not yet carried out */
    int64_t rows_loaded, rows_stored;
} AslWorld;

/* false: `*why` tells what is wrong with the definition. */
bool asl_world_open(AslWorld *w, Arena *a, Str definition, Str *why);
void asl_world_start(AslWorld *w, Str input);
bool asl_world_event(AslWorld *w, AslEvent event); /* sets now and seed; false: ignored */
/* Takes the first command of a kind off the list. */
bool asl_world_take(AslWorld *w, AslCommandKind kind, AslCommand *out);
/* Lets the earliest timer fire, at its time. false: there is none. */
bool asl_world_fire(AslWorld *w);
/* Continues until nothing is left that the execution itself can do. */
void asl_world_settle(AslWorld *w);
/* Runs a Map Run's children here, one after another, and answers the command. */
void asl_world_map_run(AslWorld *w, const AslCommand *c);
