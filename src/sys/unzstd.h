/* unzstd.h - Zstandard (RFC 8878) undone in pieces by the system's libzstd, which is loaded when it is first needed. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/*     if (!unzstd_open(&z, &err)) ...                    no library
 *     while (unzstd_next(z, &in, to, room, &got) && got) ...
 *     unzstd_close(z);
 * Frames one after the other are one file, skippable ones among them. A frame may ask for a window
 * of 128 MB, the library's own limit, and no more. One thread at a time. */
typedef struct Unzstd Unzstd;
must_use bool unzstd_open(Unzstd **out, Error *err);
/* Takes bytes off the front of *in. got 0: more input is needed. false: damaged. */
must_use bool unzstd_next(Unzstd *z, Str *in, char *to, int64_t room, int64_t *got);
bool unzstd_whole(const Unzstd *z); /* no frame is open */
void unzstd_close(Unzstd *z);       /* NULL is fine */
