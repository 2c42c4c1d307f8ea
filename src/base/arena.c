/* arena.c - memory regions released as one, poisoned under ASan so that stale pointers are caught. */
#include "base/base.h"

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region(p, n)
#define UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
enum { ARENA_REDZONE = 16 };
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
enum { ARENA_REDZONE = 0 };
#endif

enum { ARENA_CHUNK_BYTES = 16 * 1024 - 64 };
#define ARENA_BYTES_MAX ((uint64_t)1 << 32)

struct ArenaChunk {
    struct ArenaChunk *next;
    size_t cap;
    max_align_t data[];
};

_Noreturn void bug_(const char *file, int line, const char *what)
{
    fprintf(stderr, "BUG %s:%d: %s\n", file, line, what);
    abort();
}

static void add_chunk(Arena *a, size_t bytes)
{
    size_t cap = bytes > ARENA_CHUNK_BYTES ? bytes : ARENA_CHUNK_BYTES;
    struct ArenaChunk *c = malloc(sizeof *c + cap);
    if (!c) bug_(__FILE__, __LINE__, "out of memory");
    *c = (struct ArenaChunk){.next = a->head, .cap = cap};
    POISON(c->data, cap);
    a->head = c;
    a->used = 0;
}

void *arena_alloc(Arena *a, int64_t count, size_t size, size_t align)
{
    check(count >= 0 && size > 0 && (uint64_t)count <= ARENA_BYTES_MAX / size);
    size_t bytes = (size_t)count * size, at = (a->used + align - 1) & ~(align - 1);
    if (!a->head || at + bytes + ARENA_REDZONE > a->head->cap) {
        add_chunk(a, bytes + ARENA_REDZONE);
        at = 0;
    }
    char *p = (char *)a->head->data + at;
    UNPOISON(p, bytes);
    a->used = at + bytes + ARENA_REDZONE;
    return memset(p, 0, bytes);
}

void *arena_grow(Arena *a, void *p, int64_t old_count, int64_t count, size_t size, size_t align)
{
    check(count >= old_count && old_count >= 0);
    size_t old_bytes = (size_t)old_count * size, extra = (size_t)(count - old_count) * size;
    if (p && a->head && !ARENA_REDZONE &&
        (char *)a->head->data + a->used == (char *)p + old_bytes &&
        a->used + extra <= a->head->cap) {
        memset((char *)p + old_bytes, 0, extra);
        a->used += extra;
        return p;
    }
    void *fresh = arena_alloc(a, count, size, align);
    if (p) memcpy(fresh, p, old_bytes);
    return fresh;
}

void arena_reset(Arena *a)
{
    if (!a->head) return;
    struct ArenaChunk *keep = a->head;
    for (struct ArenaChunk *c = keep->next, *next; c; c = next) {
        next = c->next;
        UNPOISON(c->data, c->cap);
        free(c);
    }
    keep->next = NULL;
    a->used = 0;
    POISON(keep->data, keep->cap);
    if (keep->cap > 64 * (size_t)ARENA_CHUNK_BYTES) arena_free(a);
}

void arena_free(Arena *a)
{
    for (struct ArenaChunk *c = a->head, *next; c; c = next) {
        next = c->next;
        UNPOISON(c->data, c->cap);
        free(c);
    }
    *a = (Arena){0};
}
