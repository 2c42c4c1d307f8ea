/* objects_path.c - which keys can be file names as they are, and where the others go. */
#include "store/objects_path.h"

#include "base/encode.h"

enum { COMPONENT_BYTES_MAX = 255 };

static bool component_is_plain(Str c)
{
    return c.n > 0 && c.n <= COMPONENT_BYTES_MAX && !str_eq(c, S(".")) && !str_eq(c, S(".."));
}

bool key_is_plain(Str key)
{
    if (key.n == 0 || key.p[0] == '/' || key.p[key.n - 1] == '/' || str_find_char(key, 0) >= 0)
        return false;
    Str rest = key, component;
    bool first = true;
    while (str_cut(&rest, '/', &component)) {
        if (!component_is_plain(component) || (first && str_eq(component, S(".mayfly"))))
            return false;
        first = false;
    }
    return true;
}

Str object_path(Arena *a, Str bucket, ObjectPath path, Str key, int64_t id)
{
    if (path == PATH_PLAIN) return str_printf(a, "objects/%.*s/%.*s", STR(bucket), STR(key));
    if (path == PATH_BY_ID) return str_printf(a, "objects/%.*s/.mayfly/%" PRId64, STR(bucket), id);
    check(path == PATH_ESCAPED);
    DigestValue sha = digest_of(DIGEST_SHA256, key);
    return str_printf(a, "objects/%.*s/.mayfly/%.*s", STR(bucket), STR(digest_hex(a, &sha)));
}

Str staging_path(Arena *a, int64_t id)
{
    return str_printf(a, "staging/%" PRId64, id);
}

Str key_after_prefix(Arena *a, Str prefix)
{
    while (prefix.n && (unsigned char)prefix.p[prefix.n - 1] == 0xff) prefix.n--;
    if (!prefix.n) return (Str){0};
    char *p = new_array(a, char, prefix.n);
    memcpy(p, prefix.p, (size_t)prefix.n);
    p[prefix.n - 1]++;
    return (Str){p, prefix.n};
}
