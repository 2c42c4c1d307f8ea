/* front_inner.h - inside app/front*.c: connections and their exchanges, a request and its answer each. */
#pragma once
#include "app/dispatch.h"
#include "app/front.h"
#include "store/objects_upload.h"
#include "sys/net.h"

typedef enum ClientState {
    CLIENT_HEAD,   /* waiting for a head, or the rest of one */
    CLIENT_BODY,   /* receiving a body into memory */
    CLIENT_UPLOAD, /* the same, of an operation that streams */
    CLIENT_PUMP,   /* the pool receives the body */
    CLIENT_CALL,   /* a handler has the call and will answer later */
    CLIENT_GONE,   /* closing: nothing more is read */
} ClientState;

typedef struct Exchange Exchange;

/* One connection. Owned by the Conn, freed when that closes. */
typedef struct Client {
    Conn *conn;
    ClientState state;
    Millis since;       /* of the last progress */
    Exchange *exchange; /* the request being received or answered; NULL in CLIENT_HEAD */
    int taken;          /* requests of this turn */
    bool resume;        /* unread input waits for the next turn */
    struct Client *prev, *next;
} Client;

/* One request and its answer. Owned by front from head to flush; a client that leaves only takes
 * itself out. */
struct Exchange {
    Call call; /* first: call_answer comes back from it */
    Arena arena;
    HttpRequest http;
    Client *client; /* NULL: has left */
    BodyPlan plan;
    Body body;
    Buf text;
    bool body_open, failed, close_after, answered, kept;
    bool stands; /* nothing was written, and nothing unwritten was seen: true whatever becomes of
                    the turn */
    Fault fault;
    Exchange *next; /* in the list of answered, or of spare ones */
};

typedef struct Front {
    Client *clients;
    Exchange *answered, **answered_tail;
    Exchange *spare;
    int spare_n, resume_n;
    Millis looked_at;
} Front;

/* front_answer.c */
Exchange *exchange_open(Server *s, Client *c);
void exchange_close(Server *s, Exchange *x);
/* Its answer is known; it is sent by front_flush. */
void exchange_answer(Server *s, Exchange *x, const Fault *fault);
void exchanges_close(Front *f); /* the spare ones */

/* front.c: unread input, or its end, is looked at in the next turn. */
void front_wait_for_turn(Server *s, Client *c);
