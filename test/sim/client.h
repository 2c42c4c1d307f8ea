/* client.h - an HTTP client: sends in pieces, reads answers, loses connections, gives up. */
#pragma once
#include "simnet.h"
#include "wire/digest.h"

typedef struct Answer {
    int status; /* 0: the connection was lost, or the client gave up: nobody knows what became of
                   the request */
    Str head, body;
} Answer;

typedef struct Request Request;
typedef struct Client Client;
typedef void Answered(Request *r, const Answer *answer);

/* Owned by the client until it has been answered; then freed. */
struct Request {
    Request *next;
    Client *client;
    Str bytes;
    bool is_head, sent;
    Answered *answered;
    void *about; /* the asker's */
    int64_t number, size;
    uint64_t seed;
    Millis asked_at;
};

struct Client {
    const char *name;
    int64_t number;
    Conn *conn;
    Request *first, *last; /* asked and not answered, in order */
    int64_t asked_n;
    char *in;
    int64_t in_n, in_cap;
    void (*act)(Client *c); /* the next thing it does; called when it is idle */
    Millis sent_until;      /* the last piece leaves then */
    bool ended;  /* has said that it sends no more; the connection is good for no other request */
    bool acting; /* `act` is on the agenda */
};

void client_open(Client *c, const char *name, int64_t number, void (*act)(Client *c));
void client_close(Client *c);
/* act will be called in a while, when there is nothing under way. */
void client_rest(Client *c, int64_t ms_max);
/* false: nobody listens; act comes again later. */
bool client_can_ask(Client *c);
/* method path HTTP/1.1, headers (each with \r\n), body. */
Request *client_ask(Client *c, Str method, Str path, Str headers, Str body, Answered *answered,
                    void *about);
Str answer_header(const Answer *a, Str name); /* absent: {NULL, 0} */
