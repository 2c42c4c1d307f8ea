/* host.h - whose name a request may call this server by, where any key is accepted. */
#pragma once
#include "base/str.h"

/* A page in a browser can be led here by a name of its own that resolves to this machine (DNS
 * rebinding); its requests carry that name. So without signatures that are checked, only names that
 * nobody else can own are answered: an address, localhost and below, those of AWS (which clients
 * keep when they are sent here by a proxy or by /etc/hosts), and the one the server listens on. */
bool host_is_ours(Str host, Str listening);
