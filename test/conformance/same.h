/* same.h - comparing what we wrote with what was recorded, whose names, times and ids are replaced by words. */
#pragma once
#include "base/json.h"

/* `expected` may be parsed where `actual` is still text, and holds words like "date" or "<uuid:1>"
 * that stand for anything. */
bool same(Arena *a, const Json *actual, const Json *expected);
/* All events in order. *where: the first that differs, both sides. */
bool same_history(Arena *a, const Json *actual, const Json *expected, Str *where);
/* Every recorded event is among ours, order and ids aside. */
bool same_unordered(Arena *a, const Json *actual, const Json *expected);
