/* gzip.h - gzip (RFC 1952) in pieces: bytes in, compressed slices out. */
#pragma once
#include "base/str.h"

/*     Gzip *z = gzip_open();
 *     while (gzip_next(z, &in, last, &out)) write(out);      for each piece of input; `last` with
 * the final one gzip_close(z); Several members one after the other are one valid file. */
typedef struct Gzip Gzip;
Gzip *gzip_open(void);
/* Takes bytes off the front of *in. true: *out has some, valid until the next call. false: all of
 * *in was taken. */
bool gzip_next(Gzip *z, Str *in, bool last, Str *out);
void gzip_close(Gzip *z); /* NULL is fine */

/* The whole of a gzip file, all members; false: it is none, is damaged, or gives more than
 * bytes_max. */
must_use bool gzip_unpack(Str in, int64_t bytes_max, Arena *a, Str *out);

/* The other way, in pieces, all members:
 *     while (gunzip_next(z, &in, to, room, &got) && got) ...
 * got 0: more input is needed. false: damaged. gunzip_whole: no member is open. */
typedef struct Gunzip Gunzip;
Gunzip *gunzip_open(void);
must_use bool gunzip_next(Gunzip *z, Str *in, char *to, int64_t room, int64_t *got);
bool gunzip_whole(const Gunzip *z);
void gunzip_close(Gunzip *z); /* NULL is fine */
