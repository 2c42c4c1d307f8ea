/* stacks.h - clients that create, update and delete stacks, answer for custom resources, and hold the store to each promise. */
#pragma once
#include "aws.h"

void stacks_open(int64_t requests);
void stacks_close(void);
bool stacks_done(void);
/* Every stack is brought to rest; stacks_done tells when. */
void stacks_verify(void);
/* ... and then removed. */
void stacks_end(void);
/* At any moment without a server: what is committed is whole. */
void stacks_inspect(void);
/* When all are at rest, without a server: each stack is one of those that its answers allow. */
void stacks_check(void);
/* The same, when all were removed. */
void stacks_check_gone(void);

/* ---- stacks_template.c: what a template has ---- */
typedef enum PartKind {
    PART_PARAMETER,
    PART_QUEUE,
    PART_GROUP,
    PART_TOPIC,
    PART_CUSTOM,
    PART_NESTED,
    PART_KINDS
} PartKind;

/* A resource: P0, P1, ... Its value is the version of the template; a bad one cannot be made; a
 * slow custom resource answers late, or never. */
typedef struct Part {
    PartKind kind;
    bool there, bad, slow;
    int named;      /* 0: its name is made up; else part of the name: another one replaces it */
    unsigned needs; /* earlier parts, as bits */
} Part;

enum { PARTS_MAX = 7 };
typedef struct Shape {
    int version;
    Part parts[PARTS_MAX];
} Shape;

/* `before` NULL: the first of a stack. */
void shape_draw(const Shape *before, int version, Shape *out);
bool shape_is_bad(const Shape *s);
bool shape_is_slow(const Shape *s);
bool shape_has(const Shape *s, PartKind kind);
Str shape_template(const Shape *s, int stack, Arena *a);
extern const char child_template[];
/* What a part's value is, as the service that has it keeps it. */
Str part_value(const Shape *s, int part, Arena *a);

/* ---- stacks.c: what was asked for, and whether it was done ---- */
typedef enum TryKind { TRY_CREATE, TRY_UPDATE, TRY_DELETE } TryKind;
typedef struct Try {
    TryKind kind;
    Fate fate;
    Shape shape;
    bool cancelled; /* somebody asked for that since */
    bool keep;      /* DisableRollback */
} Try;

enum { STACKS = 3, TRIES_MAX = 24 };
typedef struct Stack {
    Try tries[TRIES_MAX];
    int n;
    char status[48]; /* as last seen; "gone": there is none */
    bool seen, gone; /* since the verifying began: at rest; or not there */
    Millis hopes_since;
} Stack;
const Stack *stacks_get(int i);

/* ---- stacks_answers.c: who answers for custom resources ---- */
void answers_open(void);
void answers_close(void);
void answers_hurry(void); /* from now on each is answered at once */
