/* world.h - what the tests of sys/ share: temporary folders, a loop, clients on threads of their own. */
#pragma once
#include <pthread.h>

#include "sys/file.h"
#include "sys/net.h"
#include "test.h"

/* A fresh folder, removed by folder_gone. */
Folder *fresh_folder(void);
void folder_gone(Folder *f);

/* Blocking sockets, as a simple client has them. -1: not connected. */
int client_connect(int port);
bool client_send(int fd, const void *bytes, int64_t n);
bool client_receive(int fd, void *to, int64_t n); /* exactly n */
bool client_at_end(int fd);                       /* the next thing is the end, or a reset */

/* A server for a test: runs turns until `done` says so, or fails the test after a minute. */
typedef struct World {
    Loop *loop;
    int port;
    void (*on_event)(struct World *w, const SysEvent *event);
    void *state;
    int opened, closed, drained, pumped_good, pumped_bad, stopped;
} World;
void world_open(World *w, Str certificate, Str key);
void world_run(World *w, bool (*done)(const World *w));
void world_close(World *w);
/* Runs fn on a thread while the loop turns, until it has returned and all connections are closed.
 */
void world_run_client(World *w, void *(*fn)(void *w));
/* A client that sends the alphabet over and over until it is cut. */
void *flooding_client(void *world);
