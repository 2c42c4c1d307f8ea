/* own.h - a server of the command's own: started on a free port and a folder that goes with it, or the one that is named. */
#pragma once
#include "cli/client.h"
#include "sys/attached.h"

/* Nothing is left of it after own_close: its clusters are ended, the server is stopped, and a
 * folder that was not asked for is removed. If this process is killed the server still stops by
 * itself, and its clusters' processes with it. */
typedef struct Own {
    Client client;
    Attached server; /* pid 0: not ours */
    Str temporary;   /* the folder to remove; absent: none */
    Arena kept;
} Own;

enum { OWN_TEARDOWN_MS_MAX = 60 * 1000 };

/* port present: the server that runs there is used. data present: the folder to use and keep. */
must_use bool own_open(Own *own, Str port, Str data, bool lift_quotas, Error *err);
/* Says on standard error what it had to end. */
void own_close(Own *own);
