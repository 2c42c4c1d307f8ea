/* glob.c - one pass over the text, going back only to the last star. */
#include "base/glob.h"

/* One element of the pattern. */
typedef struct Element {
    enum { ELEMENT_END, ELEMENT_STAR, ELEMENT_ANY, ELEMENT_BYTE } kind;
    char byte;
    int64_t bytes; /* of the pattern */
} Element;

static Element element_at(GlobStyle style, Str pattern, int64_t at)
{
    if (at >= pattern.n) return (Element){.kind = ELEMENT_END};
    char c = pattern.p[at];
    if (style == GLOB_MARKED)
        return (Element){c == GLOB_MARK_STAR  ? ELEMENT_STAR
                         : c == GLOB_MARK_ANY ? ELEMENT_ANY
                                              : ELEMENT_BYTE,
                         c, 1};
    if (c == '*') return (Element){ELEMENT_STAR, c, 1};
    if (c == '?' && style == GLOB_STAR_QUESTION) return (Element){ELEMENT_ANY, c, 1};
    if (c == '\\' && style == GLOB_STAR_ESCAPED && at + 1 < pattern.n)
        return (Element){ELEMENT_BYTE, pattern.p[at + 1], 2};
    return (Element){ELEMENT_BYTE, c, 1};
}

bool glob_matches(GlobStyle style, Str pattern, Str text)
{
    int64_t at = 0, i = 0, star = -1, retry = 0;
    while (true) {
        Element e = element_at(style, pattern, at);
        if (e.kind == ELEMENT_STAR) {
            star = at += e.bytes;
            retry = i;
        } else if (i < text.n &&
                   (e.kind == ELEMENT_ANY || (e.kind == ELEMENT_BYTE && e.byte == text.p[i]))) {
            at += e.bytes;
            i++;
        } else if (e.kind == ELEMENT_END && i == text.n) {
            return true;
        } else if (star >= 0 && retry < text.n) {
            at = star;
            i = ++retry;
        } else {
            return false;
        }
    }
}
