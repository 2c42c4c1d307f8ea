/* loop_inner.h - inside sys/: the parts of Loop that connections and children share. */
#pragma once
#include <uv.h>

#include "sys/loop.h"
#include "sys/pool.h"

typedef struct Net Net;               /* net.c */
typedef struct ChildTable ChildTable; /* child.c */

struct Loop {
    uv_loop_t uv;
    uv_timer_t until;
    uv_signal_t term, interrupt;
    Pool pool;
    Pool slow; /* opened by its first job */
    bool slow_open;
    unsigned char chance[4096]; /* loop_random: the last chance_left bytes are fresh */
    int64_t chance_left;
    Millis now;
    SysEvent *events; /* happened and not yet taken: events[taken .. pushed) */
    int64_t taken, pushed, cap;
    Net *net;
    ChildTable *children;
};

/* Appends an event of this kind, all other fields zero, and returns it to be filled in at once. */
SysEvent *loop_push(Loop *loop, SysEventKind kind);

/* The parts, opened and closed with the loop. */
void net_open(Loop *loop);
void net_before_wait(Loop *loop); /* frees what was closed, sends what was written */
void net_event_taken(Loop *loop, const SysEvent *event);
void net_cut(Loop *loop);  /* before the pool closes: ends all transfers */
void net_free(Loop *loop); /* after libuv has let go of all handles */
void children_open(Loop *loop);
void children_close(Loop *loop);
