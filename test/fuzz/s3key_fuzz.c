/* s3key_fuzz.c - keys to paths: none leaves its bucket, no two share a file, plain ones read as they are. */
#include "store/objects_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* A second opinion, written the other way round: what a plain path may look like. */
static bool walks_inside(Str path)
{
    int64_t start = 0;
    for (int64_t i = 0; i <= path.n; i++) {
        if (i < path.n && path.p[i] == 0) return false;
        if (i < path.n && path.p[i] != '/') continue;
        int64_t length = i - start;
        const char *c = path.p + start;
        if (length == 0 || length > 255) return false;
        if (length <= 2 && c[0] == '.' && c[length - 1] == '.') return false;
        start = i + 1;
    }
    return true;
}

static Str path_of(Arena *a, Str key)
{
    return object_path(a, S("bucket"), key_is_plain(key) ? PATH_PLAIN : PATH_ESCAPED, key, 7);
}

static void one_key(Arena *a, Str key)
{
    Str path = path_of(a, key), own = S("objects/bucket/.mayfly/"), root = S("objects/bucket/");
    check(walks_inside(path));
    check(str_starts(path, root));
    check(key_is_plain(key) != str_starts(path, own));
    if (key_is_plain(key)) check(str_eq(str_slice(path, root.n, path.n), key));
    if (!key_is_plain(key)) check(path.n == own.n + 64);
}

static void prefix(Arena *a, Str key)
{
    Str after = key_after_prefix(a, key);
    check(str_absent(after) || (str_cmp(key, after) < 0 && !str_starts(after, key)));
    Str longer = str_join(a, (Str[]){key, S("\xff\xff\xff")}, 2, S(""));
    check(str_absent(after) || str_cmp(longer, after) < 0);
}

/* Two keys, cut at the first byte 0xff. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    Arena a = {0};
    Str all = {(const char *)data, (int64_t)n};
    int64_t cut = str_find_char(all, (char)0xff);
    Str x = cut < 0 ? all : str_slice(all, 0, cut), y = str_slice(all, cut + 1, all.n);
    if (x.n > OBJECT_KEY_BYTES_MAX || y.n > OBJECT_KEY_BYTES_MAX) return 0;
    one_key(&a, x);
    one_key(&a, y);
    prefix(&a, x);
    check(str_eq(path_of(&a, x), path_of(&a, y)) == str_eq(x, y));
    arena_free(&a);
    return 0;
}
