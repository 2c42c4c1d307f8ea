/* work_inside.h - one resource in hand: what the files of its operations share. */
#pragma once
#include "app/stacks/old.h"
#include "app/stacks/stacks.h"

/* One in hand. */
typedef struct Work {
    Server *s;
    Arena *a;
    StackRow *stack;
    const Life *life;
    const LifeItem *item;
    StackResourceRow row;
    StackPlan plan;
    Resource r;
    const ResourceType *type;
    bool of_old; /* the next thing in `old` of the row is worked on */
} Work;

/* work_thing.c */
Json work_parsed(Str text, Arena *a, JsonType otherwise); /* what cannot be read is `otherwise` */
Str work_text(Arena *a, const Json *v);                   /* null: absent */
void work_tell(Work *w, const char *status, Str reason);
/* An old thing's removal is told of, and is not the resource's status. */
void work_tell_removal(Work *w, const char *status, Str reason);
Str work_reason(Work *w, const Error *err);
/* The thing in hand, as the row has it: taken, and given back with what it has become. */
void work_fill(Work *w, ResourceDoing doing);
void work_take(Work *w);
void work_give(Work *w, const Json *properties);
void work_put_old(Work *w, const StackResourceRow *row, bool replaced);
/* *shown: as kept; the resource gets them with dynamic references looked up. */
must_use bool work_properties(Work *w, Json *shown, Error *err);
bool work_must_replace(Work *w, const Json *was, const Json *is);
/* What a failed operation wrote is undone, and it has no physical id. */
ResourceEnd work_ask(Work *w, ResourceFn *fn, Error *err);
void work_begin_waiting(Work *w);
void work_end_waiting(Work *w);

/* work_forward.c */
ResourceEnd work_add(Work *w);
ResourceEnd work_change(Work *w);
/* An update that ends with another physical id has replaced the resource after all. */
void work_note_replacement(Work *w);
/* One operation has come to this: recorded and told. */
ResourceEnd work_made(Work *w, ResourceEnd end, const char *good, const char *bad,
                      const Error *err);

/* work_back.c */
ResourceEnd work_undo(Work *w);
ResourceEnd work_clean(Work *w);
void work_removed(Work *w);
/* What the type must remember of the thing in hand. */
void work_keep(Work *w);
