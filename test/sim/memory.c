/* memory.c - malloc, calloc, realloc and free as the server sees them: each block remembers that it is the server's. */
#include "memory.h"

#include <sqlite3.h>

#include "world.h"

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *p, size_t n);
void __wrap_free(void *p);

typedef struct Block {
    alignas(16) struct Block *next;
    struct Block *previous;
    size_t n;
    bool is_server;
} Block;

static Block servers = {.next = &servers, .previous = &servers};
static bool serving;
static int64_t blocks;

bool memory_of_server(bool is)
{
    bool before = serving;
    serving = is;
    return before;
}

static void link_in(Block *b)
{
    if (!b->is_server) return;
    b->next = servers.next;
    b->previous = &servers;
    b->next->previous = servers.next = b;
    blocks++;
}

static void take_out(Block *b)
{
    if (!b->is_server) return;
    b->next->previous = b->previous;
    b->previous->next = b->next;
    blocks--;
}

void *__wrap_malloc(size_t n)
{
    Block *b = __real_malloc(sizeof *b + n);
    if (!b) return NULL;
    *b = (Block){.n = n, .is_server = serving};
    link_in(b);
    return b + 1;
}

void *__wrap_calloc(size_t count, size_t n)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, n, &bytes)) return NULL;
    void *p = __wrap_malloc(bytes);
    return p ? memset(p, 0, bytes) : NULL;
}

void *__wrap_realloc(void *p, size_t n)
{
    if (!p) return __wrap_malloc(n);
    Block *b = (Block *)p - 1;
    take_out(b);
    b = __real_realloc(b, sizeof *b + n);
    check(b);
    b->n = n;
    link_in(b);
    return b + 1;
}

void __wrap_free(void *p)
{
    if (!p) return;
    Block *b = (Block *)p - 1;
    take_out(b);
    __real_free(b);
}

void memory_forget(void)
{
    while (servers.next != &servers) {
        Block *b = servers.next;
        take_out(b);
        __real_free(b);
    }
}

int64_t memory_left(void)
{
    return blocks;
}

/* ---- the world's own ---- */

void *world_alloc(size_t n)
{
    void *p = __real_malloc(n ? n : 1);
    check(p);
    return memset(p, 0, n);
}

void *world_realloc(void *p, size_t n)
{
    p = __real_realloc(p, n ? n : 1);
    check(p);
    return p;
}

void world_free(void *p)
{
    __real_free(p);
}

/* ---- SQLite's ---- */

static void *sqlite_malloc(int n)
{
    return __wrap_malloc((size_t)n);
}

static void *sqlite_realloc(void *p, int n)
{
    return __wrap_realloc(p, (size_t)n);
}

static int sqlite_size(void *p)
{
    return p ? (int)((Block *)p - 1)->n : 0;
}

static int sqlite_roundup(int n)
{
    return (n + 7) & ~7;
}

static int sqlite_init(void *arg)
{
    (void)arg;
    return SQLITE_OK;
}

static void sqlite_shutdown(void *arg)
{
    (void)arg;
}

void memory_give_sqlite(void)
{
    static const sqlite3_mem_methods methods = {
        sqlite_malloc,  __wrap_free, sqlite_realloc,  sqlite_size,
        sqlite_roundup, sqlite_init, sqlite_shutdown, NULL};
    check(sqlite3_config(SQLITE_CONFIG_SINGLETHREAD) == SQLITE_OK);
    check(sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) == SQLITE_OK);
    check(sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) == SQLITE_OK);
    check(sqlite3_initialize() == SQLITE_OK);
}
