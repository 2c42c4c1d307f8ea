/* test.h - the whole C test harness: TEST(name) { ok(x); } files link into one program that speaks TAP. */
#pragma once
#include "base/str.h"

typedef struct Test {
    const char *name, *file;
    void (*run)(void);
    struct Test *next;
} Test;

/* Registers itself before main; test_main runs all, or those whose name contains argv[1]. */
void test_register(Test *t);
void test_fail(const char *file, int line, const char *fmt, ...) printf_like(3, 4);
void test_skip(const char *why);
/* An arena that is emptied after each test. */
Arena *test_arena(void);
/* A whole file; absent: it cannot be read. */
Str test_file(Arena *a, const char *path);
/* Fails at the first line in which `got` is not what the file at `path` holds; with BLESS in the
 * environment it is written there instead, and a person reads the difference. */
void test_golden(const char *path, Str want, Str got);

#define TEST(id)                                                                                   \
    static void test_##id(void);                                                                   \
    __attribute__((constructor)) static void test_register_##id(void)                              \
    {                                                                                              \
        static Test t = {.name = #id, .file = __FILE__, .run = test_##id};                         \
        test_register(&t);                                                                         \
    }                                                                                              \
    static void test_##id(void)

#define ok(x) ((x) ? (void)0 : test_fail(__FILE__, __LINE__, "not ok: %s", #x))
#define eq_int(got, want)                                                                          \
    do {                                                                                           \
        int64_t got_ = (got), want_ = (want);                                                      \
        if (got_ != want_)                                                                         \
            test_fail(__FILE__, __LINE__, "%s: got %" PRId64 ", want %" PRId64, #got, got_,        \
                      want_);                                                                      \
    } while (0)
#define eq_str(got, want)                                                                          \
    do {                                                                                           \
        Str got_ = (got), want_ = (want);                                                          \
        if (!str_eq(got_, want_))                                                                  \
            test_fail(__FILE__, __LINE__, "%s: got \"%.*s\", want \"%.*s\"", #got, STR(got_),      \
                      STR(want_));                                                                 \
    } while (0)
