/* digest.h - MD5 and the SHA family as pure computation, for the functions of expression languages. */
#pragma once
#include "base/str.h"

/* `algorithm`: MD5, SHA-1, SHA-256, SHA-384, SHA-512. Lower-case hexadecimal; absent: no such algorithm. */
Str digest_hex(Arena *a, Str algorithm, Str bytes);
