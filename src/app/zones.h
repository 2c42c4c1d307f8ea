/* zones.h - time zones by name, read from the system's folder once and kept. */
#pragma once
#include "app/server.h"
#include "core/when/zone.h"

enum { ZONES_KEPT = 64 };
#define ZONES_FOLDER S("/usr/share/zoneinfo")

/* NULL: there is no zone of this name. Absent, "UTC" and "GMT" need no file. What is returned is
 * good until the end of the event. */
const Zone *zone_named(Server *s, Str name);
void zones_close(Server *s);
