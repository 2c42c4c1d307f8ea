/* str.c - byte strings: compare, search, split, format, parse numbers. */
#include "base/str.h"

Str str_from(const char *z)
{
    return z ? (Str){z, (int64_t)strlen(z)} : (Str){0};
}

Str str_slice(Str s, int64_t from, int64_t to)
{
    if (to > s.n) to = s.n;
    if (to < 0) to = 0;
    if (from < 0) from = 0;
    if (from > to) from = to;
    return s.p ? (Str){s.p + from, to - from} : s;
}

Str str_copy(Arena *a, Str s)
{
    char *p = new_array(a, char, s.n + 1);
    if (s.n) memcpy(p, s.p, (size_t)s.n);
    return (Str){p, s.n};
}

const char *str_z(Arena *a, Str s)
{
    return str_copy(a, s).p;
}

enum { PRINTF_BYTES = 512 };

Str str_vprintf(Arena *a, const char *fmt, va_list ap)
{
    char first[PRINTF_BYTES]; /* most fit, and are formatted once */
    va_list again;
    va_copy(again, ap);
    int n = vsnprintf(first, sizeof first, fmt, ap);
    check(n >= 0);
    char *p = new_array(a, char, (int64_t)n + 1);
    if (n < PRINTF_BYTES)
        memcpy(p, first, (size_t)n);
    else
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return (Str){p, n};
}

Str str_printf(Arena *a, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    Str s = str_vprintf(a, fmt, ap);
    va_end(ap);
    return s;
}

Str str_one_line(Arena *a, Str s)
{
    char *p = new_array(a, char, s.n + 1);
    for (int64_t i = 0; i < s.n; i++)
        p[i] = (unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f ? ' ' : s.p[i];
    return (Str){p, s.n};
}

Str str_join(Arena *a, const Str *parts, int64_t n, Str separator)
{
    Buf b = {.a = a};
    for (int64_t i = 0; i < n; i++) {
        if (i) buf_put(&b, separator);
        buf_put(&b, parts[i]);
    }
    return buf_str(&b);
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

Str str_lower(Arena *a, Str s)
{
    char *p = new_array(a, char, s.n + 1);
    for (int64_t i = 0; i < s.n; i++) p[i] = lower(s.p[i]);
    return (Str){p, s.n};
}

Str str_upper(Arena *a, Str s)
{
    char *p = new_array(a, char, s.n + 1);
    for (int64_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        p[i] = c >= 'a' && c <= 'z' ? (char)(c & ~32) : c;
    }
    return (Str){p, s.n};
}

bool str_eq_nocase(Str x, Str y)
{
    if (x.n != y.n) return false;
    for (int64_t i = 0; i < x.n; i++)
        if (lower(x.p[i]) != lower(y.p[i])) return false;
    return true;
}

int str_cmp(Str x, Str y)
{
    int64_t n = x.n < y.n ? x.n : y.n;
    int order = n ? memcmp(x.p, y.p, (size_t)n) : 0;
    return order ? order : (x.n > y.n) - (x.n < y.n);
}

bool str_starts(Str s, Str prefix)
{
    return s.n >= prefix.n && str_eq(str_slice(s, 0, prefix.n), prefix);
}

bool str_ends(Str s, Str suffix)
{
    return s.n >= suffix.n && str_eq(str_slice(s, s.n - suffix.n, s.n), suffix);
}

int64_t str_find(Str s, Str needle)
{
    if (!needle.n) return 0;
    const char *hit = s.n ? memmem(s.p, (size_t)s.n, needle.p, (size_t)needle.n) : NULL;
    return hit ? hit - s.p : -1;
}

int64_t str_find_char(Str s, char c)
{
    const char *hit = s.n ? memchr(s.p, c, (size_t)s.n) : NULL;
    return hit ? hit - s.p : -1;
}

int64_t str_rfind_char(Str s, char c)
{
    const char *hit = s.n ? memrchr(s.p, c, (size_t)s.n) : NULL;
    return hit ? hit - s.p : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Str str_trim(Str s)
{
    while (s.n && is_blank(s.p[0])) s.p++, s.n--;
    while (s.n && is_blank(s.p[s.n - 1])) s.n--;
    return s;
}

bool str_cut(Str *rest, char separator, Str *part)
{
    if (str_absent(*rest)) return false;
    int64_t at = str_find_char(*rest, separator);
    if (at < 0) {
        *part = *rest;
        *rest = (Str){0};
    } else {
        *part = str_slice(*rest, 0, at);
        *rest = str_slice(*rest, at + 1, rest->n);
    }
    return true;
}

bool str_to_int(Str s, int64_t *out)
{
    bool minus = s.n && s.p[0] == '-';
    int64_t value = 0, i = minus;
    if (i == s.n) return false;
    for (; i < s.n; i++) {
        int digit = s.p[i] - '0';
        if (digit < 0 || digit > 9) return false;
        if (__builtin_mul_overflow(value, (int64_t)10, &value)) return false;
        if (__builtin_sub_overflow(value, (int64_t)digit, &value)) return false;
    }
    if (!minus && value == INT64_MIN) return false;
    *out = minus ? value : -value;
    return true;
}

uint64_t str_hash(Str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (int64_t i = 0; i < s.n; i++) h = (h ^ (unsigned char)s.p[i]) * 0x100000001b3u;
    h ^= h >> 32;
    return h * 0x9e3779b97f4a7c15u;
}

char *buf_room(Buf *b, int64_t bytes)
{
    if (b->n + bytes > b->cap) {
        int64_t cap = b->cap ? b->cap : 256;
        while (cap < b->n + bytes) cap *= 2;
        b->p = arena_grow(b->a, b->p, b->cap, cap, 1, 1);
        b->cap = cap;
    }
    return b->p + b->n;
}

void buf_put(Buf *b, Str s)
{
    if (!s.n) return;
    memcpy(buf_room(b, s.n), s.p, (size_t)s.n);
    b->n += s.n;
}

void buf_putc(Buf *b, char c)
{
    *buf_room(b, 1) = c;
    b->n++;
}

void buf_printf(Buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    check(n >= 0);
    vsnprintf(buf_room(b, n + 1), (size_t)n + 1, fmt, again);
    b->n += n;
    va_end(again);
    va_end(ap);
}
