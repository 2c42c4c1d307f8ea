/* base.h - the vocabulary every file may use: checks, attributes, byte strings and arenas; depends on libc only. */
#pragma once
#include <inttypes.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define must_use               __attribute__((warn_unused_result))
#define cleanup(fn)            __attribute__((cleanup(fn)))
#define printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
#define countof(array)         ((int)(sizeof(array) / sizeof((array)[0])))

/* What must never happen. Always on, also in release builds: a wrong decision is worse than a stop.
 */
_Noreturn void bug_(const char *file, int line, const char *what);
#define check(x)      ((x) ? (void)0 : bug_(__FILE__, __LINE__, #x))
#define unreachable() bug_(__FILE__, __LINE__, "unreachable")

/* Milliseconds since 1970-01-01T00:00:00Z: the one unit of time. A duration carries `_ms` in its
 * name. */
typedef int64_t Millis;

/* Borrowed bytes; not NUL-terminated by contract. {NULL, 0} means "absent", {"", 0} "empty". */
typedef struct Str {
    const char *p;
    int64_t n;
} Str;
#define S(literal) ((Str){"" literal, (int64_t)sizeof(literal) - 1})
#define STR_INIT(literal)                                                                          \
    {                                                                                              \
        "" literal, (int64_t)sizeof(literal) - 1                                                   \
    }                            /* S() in a static table */
#define STR(s) (int)(s).n, (s).p /* printf("%.*s", STR(s)) */

/* A region of memory that is released as one. Zero-initialised is empty and ready. A function that
 * takes `Arena *a` returns memory owned by that arena. Allocation never fails: out of memory
 * aborts. */
typedef struct Arena {
    struct ArenaChunk *head;
    size_t used;
} Arena;

void *arena_alloc(Arena *a, int64_t count, size_t size, size_t align)
    __attribute__((returns_nonnull, alloc_size(2, 3)));
/* Grows `p` from old_count to count elements: in place when `p` was the last allocation. */
void *arena_grow(Arena *a, void *p, int64_t old_count, int64_t count, size_t size, size_t align)
    __attribute__((returns_nonnull));
/* Forgets everything allocated; keeps one chunk for reuse. */
void arena_reset(Arena *a);
void arena_free(Arena *a);

/* The format takes new for C++'s. */
/* clang-format off */
#define new(a, T) ((T *)arena_alloc(a, 1, sizeof(T), alignof(T)))
/* clang-format on */
#define new_array(a, T, n) ((T *)arena_alloc(a, n, sizeof(T), alignof(T)))

/* A growable array in an arena: struct { T *p; int64_t n, cap; } v = {0}; *vec_push(a, &v) = x; */
#define vec_push(a, v)                                                                             \
    ((v)->n == (v)->cap                                                                            \
         ? (void)((v)->p = arena_grow(a, (v)->p, (v)->cap, (v)->cap ? (v)->cap * 2 : 8,            \
                                      sizeof *(v)->p, alignof(max_align_t)),                       \
                  (v)->cap = (v)->cap ? (v)->cap * 2 : 8)                                          \
         : (void)0,                                                                                \
     &(v)->p[(v)->n++])

typedef struct StrVec {
    Str *p;
    int64_t n, cap;
} StrVec;
