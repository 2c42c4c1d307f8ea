/* sweep.h - what has no living owner goes: at start-up and every SWEEP_EVERY_MS. */
#pragma once
#include "app/server.h"

/* A cluster's own end removes what it had. The sweeper is for what should not exist: a folder in
 * work/ without a lease or whose owner has ended (a crash or a full disk in the middle of
 * destroying), with whatever process still runs in it; a lease whose owner is gone; logs of
 * clusters that ended LOGS_KEEP_MS ago; old records of changes. */
#define SWEEP_EVERY_MS     ((Millis)60 * 1000)
#define SWEEP_LOGS_KEEP_MS ((Millis)7 * 24 * 3600 * 1000)

void sweep_start(Server *s);            /* now, and from now on */
void sweep_due(Server *s, Str subject); /* timer "sweep" */
