/* simnet.h - the clients' side of the simulated network. */
#pragma once
#include "sys/net.h"
#include "world.h"

/* One connection as its client sees it. `got` and `gone` are called while the server waits, or
 * after its end. After `gone`, net_hang_up or the end of the server the connection must not be
 * used. */
typedef struct NetClient {
    void (*got)(void *client, Str bytes);
    void (*gone)(void *client);
} NetClient;

Conn *net_dial(const NetClient *methods, void *client); /* NULL: nobody listens */
void net_write(Conn *c, Str bytes);
void net_end(Conn *c);         /* no more from us; answers are still read */
void net_hang_up(Conn *c);     /* at once: what is under way is lost */
int64_t net_connections(void); /* that the server still knows of */
