/* str.h - byte strings: compare, search, split, format, parse numbers; nothing here allocates but into an arena. */
#pragma once
#include "base/base.h"

Str str_from(const char *nul_terminated);       /* NULL gives {NULL, 0} */
Str str_slice(Str s, int64_t from, int64_t to); /* both clamped to [0, n] */
Str str_copy(Arena *a, Str s);                  /* also NUL-terminated, for C APIs */
const char *str_z(Arena *a, Str s);             /* NUL-terminated copy */
Str str_printf(Arena *a, const char *fmt, ...) printf_like(2, 3);
Str str_vprintf(Arena *a, const char *fmt, va_list ap) printf_like(2, 0);
Str str_join(Arena *a, const Str *parts, int64_t n, Str separator);
Str str_lower(Arena *a, Str s); /* ASCII only */
Str str_upper(Arena *a, Str s);
/* What comes from outside, for a line of a log or a table: what would steer a terminal or begin a
 * line of its own becomes a blank. */
Str str_one_line(Arena *a, Str s);

static inline bool str_absent(Str s)
{
    return s.p == NULL;
}
static inline bool str_eq(Str x, Str y)
{
    return x.n == y.n && (x.n == 0 || !memcmp(x.p, y.p, (size_t)x.n));
}
bool str_eq_nocase(Str x, Str y); /* ASCII */
int str_cmp(Str x, Str y);        /* byte order, shorter first */
bool str_starts(Str s, Str prefix);
bool str_ends(Str s, Str suffix);
int64_t str_find(Str s, Str needle);  /* offset, or -1 */
int64_t str_find_char(Str s, char c); /* offset, or -1 */
int64_t str_rfind_char(Str s, char c);
Str str_trim(Str s); /* blanks, tabs, CR, LF at both ends */

/* Takes the part before `separator` off the front of *rest. false when nothing is left:
 *     Str part, rest = S("a,b"); while (str_cut(&rest, ',', &part)) ... gives "a" then "b". */
bool str_cut(Str *rest, char separator, Str *part);

/* Whole string, decimal, optional minus, no blanks. false: not a number, or out of range. */
must_use bool str_to_int(Str s, int64_t *out);
uint64_t str_hash(Str s); /* FNV-1a with a finaliser; not for hostile keys across requests */

/* A growable text in an arena. {.a = arena} is empty and ready. */
typedef struct Buf {
    Arena *a;
    char *p;
    int64_t n, cap;
} Buf;
void buf_put(Buf *b, Str s);
void buf_putc(Buf *b, char c);
void buf_printf(Buf *b, const char *fmt, ...) printf_like(2, 3);
char *buf_room(Buf *b, int64_t bytes); /* at least `bytes` writable at the end; then b->n += used */
static inline Str buf_str(const Buf *b)
{
    return (Str){b->p ? b->p : "", b->n};
}
