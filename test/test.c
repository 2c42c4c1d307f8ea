/* test.c - runs the registered tests and prints TAP. */
#include "test.h"

static Test *tests;
static int failures;
static const char *skipped;
static Arena arena;

void test_register(Test *t)
{
    t->next = tests;
    tests = t;
}

void test_fail(const char *file, int line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    failures++;
    printf("# %s:%d: ", file, line);
    vprintf(fmt, ap);
    printf("\n");
    va_end(ap);
}

void test_skip(const char *why)
{
    skipped = why;
}

Arena *test_arena(void)
{
    return &arena;
}

Str test_file(Arena *a, const char *path)
{
    enum { PIECE = 65536 };
    FILE *f = fopen(path, "rb");
    Buf b = {.a = a};
    if (!f) return (Str){0};
    for (size_t n = 1; n > 0; b.n += (int64_t)n) n = fread(buf_room(&b, PIECE), 1, PIECE, f);
    check(!ferror(f));
    fclose(f);
    return buf_str(&b);
}

static void first_difference(const char *path, Str got, Str want)
{
    Str g, x;
    for (int line = 1;; line++) {
        bool more = str_cut(&got, '\n', &g), expected = str_cut(&want, '\n', &x);
        if (more && expected && str_eq(g, x)) continue;
        test_fail(path, line, "got  |%.*s", STR(more ? g : S("(end)")));
        test_fail(path, line, "want |%.*s", STR(expected ? x : S("(end)")));
        return;
    }
}

void test_golden(const char *path, Str want, Str got)
{
    if (str_eq(got, want)) return;
    if (!getenv("BLESS")) {
        first_difference(path, got, want);
        return;
    }
    FILE *f = fopen(path, "wb");
    check(f && fwrite(got.p, 1, (size_t)got.n, f) == (size_t)got.n && fclose(f) == 0);
}

static bool run_one(const Test *t, int number)
{
    failures = 0;
    skipped = NULL;
    t->run();
    arena_reset(&arena);
    printf("%s %d - %s%s%s\n", failures ? "not ok" : "ok", number, t->name,
           skipped ? " # SKIP " : "", skipped ? skipped : "");
    fflush(stdout);
    return failures == 0;
}

static int by_name(const void *x, const void *y)
{
    return strcmp((*(Test *const *)x)->name, (*(Test *const *)y)->name);
}

int main(int argc, char **argv)
{
    Test *sorted[4096];
    int n = 0, bad = 0;
    for (Test *t = tests; t; t = t->next) {
        if (argc > 1 && !strstr(t->name, argv[1])) continue;
        check(n < countof(sorted));
        sorted[n++] = t;
    }
    qsort(sorted, (size_t)n, sizeof *sorted, by_name);
    printf("1..%d\n", n);
    for (int i = 0; i < n; i++) bad += !run_one(sorted[i], i + 1);
    arena_free(&arena);
    return bad || n == 0;
}
