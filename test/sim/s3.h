/* s3.h - clients that put, get, list, copy and delete, and remember what each answer promised. */
#pragma once
#include "world.h"

void s3_open(int64_t clients, int64_t requests);
void s3_close(void);
/* All have done what they wanted and know how it ended. */
bool s3_done(void);
/* From now on they only read what there is, each key and the list; s3_done tells when they have. */
void s3_verify(void);
/* What the object holds is fixed by a number. */
Str s3_content(uint64_t seed, int64_t size, Arena *a);
