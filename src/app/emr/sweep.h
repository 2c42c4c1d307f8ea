/* sweep.h - what has no living owner goes: at start-up and every SWEEP_EVERY_MS. */
#pragma once
#include "app/server.h"

/* A cluster's own end removes what it had. The sweeper renews the leases of what lives, and ends
 * what should not exist: a place whose lease nobody has renewed for its term, a folder in work/
 * without a lease (a crash or a full disk in the middle of destroying), each with whatever process
 * still runs in it; logs of clusters that ended SWEEP_LOGS_KEEP_MS ago. */
#define SWEEP_EVERY_MS     ((Millis)60 * 1000)
#define SWEEP_LOGS_KEEP_MS ((Millis)7 * 24 * 3600 * 1000)

void sweep_start(Server *s);            /* now, and from now on */
void sweep_due(Server *s, Str subject); /* timer "sweep" */
