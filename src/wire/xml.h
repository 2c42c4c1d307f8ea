/* xml.h - XML documents into small trees of bounded depth and size, and elements and texts out. */
#pragma once
#include "base/error.h"
#include "base/str.h"

enum { XML_DEPTH_MAX = 64, XML_NODES_MAX = 200000 };

typedef struct XmlAttribute {
    Str name, value; /* name with its prefix: "xsi:type" */
    struct XmlAttribute *next;
} XmlAttribute;

typedef struct XmlNode {
    Str name;          /* without prefix; namespaces are not checked */
    Str text;          /* all character data directly inside */
    XmlAttribute *attributes;
    struct XmlNode *first, *last, *next;
} XmlNode;

/* UTF-8 or UTF-16. A document type declaration is refused: with it go entities of the document and
 * all their attacks. ERR_SERIALIZATION names line and column. */
must_use bool xml_parse(Str in, Arena *a, XmlNode **root, Error *err);
const XmlNode *xml_child(const XmlNode *parent, Str name);  /* the first; NULL */
Str xml_attribute(const XmlNode *node, Str name);

/* Writing. xml_text escapes; bytes that are not UTF-8 become U+FFFD, control characters references
 * as AWS writes them. */
void xml_declaration(Buf *b);
void xml_open(Buf *b, Str name);
void xml_open_in(Buf *b, Str name, Str xmlns);              /* absent xmlns: as xml_open */
void xml_close(Buf *b, Str name);
void xml_text(Buf *b, Str text);
void xml_element(Buf *b, Str name, Str text);
