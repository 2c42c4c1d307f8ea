/* xml_fuzz.c - what the XML reader accepts is written and read again, and must be the same tree; limits hold. */
#include "wire/xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* The part of a name behind its prefix need not be a name itself; so it is written as an attribute,
 * and taken from there in the second round. */
static void write_node(Buf *b, const XmlNode *node, bool again, int depth)
{
    check(depth <= XML_DEPTH_MAX);
    buf_put(b, S("<n name=\""));
    xml_text(b, again ? xml_attribute(node, S("name")) : node->name);
    buf_put(b, S("\">"));
    xml_text(b, node->text);
    for (const XmlNode *child = node->first; child; child = child->next)
        write_node(b, child, again, depth + 1);
    xml_close(b, S("n"));
}

static Str written(Arena *a, const XmlNode *root, bool again)
{
    Buf b = {.a = a};
    xml_declaration(&b);
    write_node(&b, root, again, 1);
    return buf_str(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static Arena a;
    XmlNode *root, *again;
    Error err = {0};
    arena_reset(&a);
    Str in = {(const char *)data, (int64_t)n};
    if (!xml_parse(in, &a, &root, &err)) {
        check(err.code == ERR_SERIALIZATION && error_text(&err).n > 0);
        return 0;
    }
    Str first = written(&a, root, false);
    check(xml_parse(first, &a, &again, &err));
    check(str_eq(first, written(&a, again, true)));
    return 0;
}
