/* hash.h - private to this folder: the digests of States.Hash. */
#pragma once
#include "base/str.h"

/* MD5, SHA-1, SHA-256, SHA-384, SHA-512. Lower-case hexadecimal; absent: no such algorithm. */
Str asl_hash(Arena *a, Str algorithm, Str bytes);
