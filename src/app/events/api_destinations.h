/* api_destinations.h - rules' events sent to somebody else's server, authorised by a connection, no faster than it wants. */
#pragma once
#include "app/events/deliveries.h"
#include "store/api_destinations.h"

/* A delivery to an API destination is a row from the start (store/deliveries.h): the request leaves
 * after the commit that recorded it, and the row goes with what came of it. A server that ended in
 * between sends again: at least once. Answers of 2xx are a success; 401, 407, 409, 429, 5xx and no
 * answer in API_DESTINATION_MS_MAX are tried again; others are given up at once ("API destinations
 * as targets" in the guide).
 *
 * The rate is kept by places: each delivery takes the next one, a second divided by the rate after
 * the one before, and waits for it. Those that come late together, as after a stop, are no more
 * than the rate in a second all the same. Places are memory; after a restart they begin anew. */
enum {
    API_DESTINATION_RATE_DEFAULT = 300,
    API_DESTINATION_MS_MAX = 5000,
    API_DESTINATION_ANSWER_BYTES_MAX = 64 * 1024,
    API_DESTINATION_AGAIN_MS = 60 * 1000, /* when nothing was heard, as after a restart */
    API_DESTINATION_PLACES = 256,         /* destinations whose last place is remembered */
};

Str api_destination_arn(Arena *a, const ApiDestinationRow *row);
must_use bool api_destination_of_arn(Server *s, Str arn, Arena *a, ApiDestinationRow *out);
bool api_destination_is(Str arn);

/* Takes a place for the next attempt, no sooner than `from`: when it is. */
Millis api_destination_place(Server *s, Str arn, Millis from);
/* Within an event: the row is there. It is told by delivery_settle, or here when nothing can be
 * sent. */
void api_destination_send(Server *s, DeliveryRow *row, const Json *target);
void api_destinations_close(Server *s);
