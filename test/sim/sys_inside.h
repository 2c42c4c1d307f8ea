/* sys_inside.h - what the simulated parts of sys/ know of each other, and the world of them. */
#pragma once
#include "sys/child.h"
#include "sys/loop.h"
#include "sys/net.h"
#include "world.h"

/* sys_file.c: the faults of the disk, for the files and for SQLite alike; may end the life. */
bool disk_sync_fails(void);
bool disk_write_fails(bool *full);
void files_forget(void); /* the server's process has ended */

/* vfs.c: SQLite's files on the same disk, under the name "sim". */
void vfs_register(void);

/* sys_loop.c */
SysEvent *loop_push(SysEventKind kind); /* zeroed, but for the kind */
void loop_forget(void);
bool loop_idle(void); /* no job is under way, no event waits to be taken */

/* sys_net.c */
void net_flush(void);     /* before each wait: what was sent goes out */
void net_turn_over(void); /* frees what was closed in the turn before */
void net_event_taken(const SysEvent *e);
void net_forget(void); /* all connections break */

/* sys_child.c: the processes of this machine; they know nothing of the server's memory. */
void procs_open(void);
void procs_close(void);
void procs_server_ended(void);
void procs_power_cut(void);
int procs_alive(Str below); /* processes whose folder lies there */
