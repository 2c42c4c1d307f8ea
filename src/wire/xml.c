/* xml.c - XML documents into small trees (by expat), and texts and elements out. */
#include "wire/xml.h"

#include "base/encode.h"
#include <expat.h>

typedef struct Open {
    XmlNode *node;
    int64_t cap; /* of node->text */
} Open;

typedef struct Reader {
    XML_Parser expat;
    Arena *a;
    XmlNode *root;
    const char *why;
    int64_t nodes, depth;
    Open open[XML_DEPTH_MAX];
} Reader;

static void stop(Reader *r, const char *why)
{
    if (!r->why) r->why = why;
    XML_StopParser(r->expat, XML_FALSE);
}

static void add_attributes(Reader *r, XmlNode *node, const char **pairs)
{
    XmlAttribute **tail = &node->attributes;
    for (; pairs[0]; pairs += 2) {
        *tail = new (r->a, XmlAttribute);
        (*tail)->name = str_copy(r->a, str_from(pairs[0]));
        (*tail)->value = str_copy(r->a, str_from(pairs[1]));
        tail = &(*tail)->next;
    }
}

static void append_child(XmlNode *parent, XmlNode *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

static void on_start(void *user, const char *name, const char **attributes)
{
    Reader *r = user;
    if (r->depth == XML_DEPTH_MAX) stop(r, "nested too deeply");
    if (r->nodes++ == XML_NODES_MAX) stop(r, "too many elements");
    if (r->why) return;
    XmlNode *node = new (r->a, XmlNode);
    Str full = str_from(name);
    node->name = str_copy(r->a, str_slice(full, str_rfind_char(full, ':') + 1, full.n));
    node->text = S("");
    add_attributes(r, node, attributes);
    if (r->depth)
        append_child(r->open[r->depth - 1].node, node);
    else
        r->root = node;
    r->open[r->depth++] = (Open){.node = node};
}

static void on_end(void *user, const char *name)
{
    Reader *r = user;
    (void)name;
    if (!r->why) r->depth--;
}

/* expat hands out a text in pieces: at line ends, at references, at the ends of its buffer. */
static void on_text(void *user, const char *p, int n)
{
    Reader *r = user;
    if (r->why || !r->depth) return;
    Open *open = &r->open[r->depth - 1];
    Str *text = &open->node->text;
    char *to = (char *)text->p;
    if (text->n + n > open->cap) {
        int64_t cap = text->n + n > 2 * open->cap ? text->n + n : 2 * open->cap;
        to = arena_grow(r->a, text->n ? to : NULL, text->n ? open->cap : 0, cap, 1, 1);
        open->cap = cap;
    }
    memcpy(to + text->n, p, (size_t)n);
    *text = (Str){to, text->n + n};
}

static void on_doctype(void *user, const char *name, const char *sys_id, const char *pub_id,
                       int subset)
{
    (void)name, (void)sys_id, (void)pub_id, (void)subset;
    stop(user, "a document type declaration is not accepted");
}

static void prepare(Reader *r)
{
    XML_SetUserData(r->expat, r);
    XML_SetElementHandler(r->expat, on_start, on_end);
    XML_SetCharacterDataHandler(r->expat, on_text);
    XML_SetStartDoctypeDeclHandler(r->expat, on_doctype);
}

static bool report(const Reader *r, Error *err)
{
    const char *why = r->why ? r->why : XML_ErrorString(XML_GetErrorCode(r->expat));
    return error_set(err, ERR_SERIALIZATION, "not valid XML: %s at line %lu, column %lu", why,
                     XML_GetCurrentLineNumber(r->expat), XML_GetCurrentColumnNumber(r->expat) + 1);
}

bool xml_parse(Str in, Arena *a, XmlNode **root, Error *err)
{
    Reader r = {.expat = XML_ParserCreate(NULL), .a = a};
    check(r.expat);
    if (in.n > INT32_MAX) {
        XML_ParserFree(r.expat);
        return error_set(err, ERR_SERIALIZATION, "XML of %" PRId64 " bytes is over the limit",
                         in.n);
    }
    prepare(&r);
    bool good = XML_Parse(r.expat, in.p ? in.p : "", (int)in.n, 1) == XML_STATUS_OK && !r.why;
    if (good)
        *root = r.root;
    else
        report(&r, err);
    XML_ParserFree(r.expat);
    return good;
}

const XmlNode *xml_child(const XmlNode *parent, Str name)
{
    for (const XmlNode *n = parent ? parent->first : NULL; n; n = n->next)
        if (str_eq(n->name, name)) return n;
    return NULL;
}

Str xml_attribute(const XmlNode *node, Str name)
{
    for (const XmlAttribute *x = node->attributes; x; x = x->next)
        if (str_eq(x->name, name)) return x->value;
    return (Str){0};
}

void xml_declaration(Buf *b)
{
    buf_put(b, S("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
}

void xml_open(Buf *b, Str name)
{
    xml_open_in(b, name, (Str){0});
}

void xml_open_in(Buf *b, Str name, Str xmlns)
{
    buf_putc(b, '<');
    buf_put(b, name);
    if (xmlns.n) {
        buf_put(b, S(" xmlns=\""));
        xml_text(b, xmlns);
        buf_putc(b, '"');
    }
    buf_putc(b, '>');
}

void xml_close(Buf *b, Str name)
{
    buf_put(b, S("</"));
    buf_put(b, name);
    buf_putc(b, '>');
}

/* How the byte at s.p[0] must be written instead, and how many bytes that replaces; 0: as it is. */
static int replacement(Str s, Str *with)
{
    switch (s.p[0]) {
    case '&': return *with = S("&amp;"), 1;
    case '<': return *with = S("&lt;"), 1;
    case '>': return *with = S("&gt;"), 1;
    case '"': return *with = S("&quot;"), 1;
    case '\r': return *with = S("&#13;"), 1;
    default: break;
    }
    if ((unsigned char)s.p[0] < 0x80 || utf8_length(s)) return 0;
    return *with = S("\xef\xbf\xbd"), 1;
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20
               ? c != '&' && c != '<' && c != '>' && c != '"' && (unsigned char)c < 0x80
               : c == '\n' || c == '\t';
}

void xml_text(Buf *b, Str text)
{
    int64_t from = 0, i = 0;
    while (i < text.n) {
        Str with, rest = {text.p + i, text.n - i};
        if (is_plain(text.p[i])) {
            i++;
            continue;
        }
        int n = replacement(rest, &with);
        bool control = !n && (unsigned char)text.p[i] < 0x20;
        if (!n && !control) {
            i += utf8_length(rest);
            continue;
        }
        buf_put(b, str_slice(text, from, i));
        if (control)
            buf_printf(b, "&#x%x;", (unsigned)text.p[i]);
        else
            buf_put(b, with);
        from = ++i;
    }
    buf_put(b, str_slice(text, from, text.n));
}

void xml_element(Buf *b, Str name, Str text)
{
    xml_open(b, name);
    xml_text(b, text);
    xml_close(b, name);
}
