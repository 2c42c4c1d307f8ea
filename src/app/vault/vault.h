/* vault.h - the key under which values are encrypted at rest, and the sealing with it. */
#pragma once
#include "app/server.h"

/* One key a data folder, drawn at the first start: the file vault-key there, for its owner alone.
 * Without it what it sealed cannot be read; a backup of state.db alone does not tell a secret. */
must_use bool vault_open(Server *s, Error *err);
void vault_close(Server *s);

/* about: what the text belongs to (ARN and version), which must be the same for both. */
Str vault_seal(Server *s, Arena *a, Str about, Str plain);
must_use bool vault_unseal(Server *s, Arena *a, Str about, Str sealed, Str *plain, Error *err);
