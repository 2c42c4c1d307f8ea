/* xml_test.c - XML trees, what is refused and why, and how texts are escaped. */
#include "wire/xml.h"

#include "test.h"

static XmlNode *parse(const char *text, Error *err)
{
    XmlNode *root = NULL;
    bool good = xml_parse(str_from(text), test_arena(), &root, err);
    return good ? root : NULL;
}

TEST(xml_reads_elements_texts_and_attributes)
{
    Error err = {0};
    const XmlNode *root =
        parse("<?xml version=\"1.0\"?><s:a xmlns:s='u'><b>1 &lt; 2</b><b/><c x:y='v&amp;'>t<d/>u"
              "<![CDATA[<&]]></c></s:a>",
              &err);
    ok(root);
    eq_str(root->name, S("a"));
    eq_str(root->first->text, S("1 < 2"));
    eq_str(root->first->next->text, S(""));
    eq_str(xml_child(root, S("c"))->text, S("tu<&"));
    eq_str(xml_attribute(xml_child(root, S("c")), S("x:y")), S("v&"));
    ok(!xml_child(root, S("d")) && str_absent(xml_attribute(root, S("z"))));
}

TEST(xml_refuses_broken_and_dangerous_documents)
{
    const char *cases[] = {"",
                           "<a>",
                           "<a></b>",
                           "<a>&undefined;</a>",
                           "<a/><b/>",
                           "text",
                           "<a b=1/>",
                           "<a>\x01</a>",
                           "<a>\xff</a>",
                           "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
                           "<!DOCTYPE a SYSTEM 'file:///x'><a/>"};
    for (int i = 0; i < countof(cases); i++) {
        Error err = {0};
        if (parse(cases[i], &err)) test_fail(__FILE__, __LINE__, "accepted %s", cases[i]);
        eq_int(err.code, ERR_SERIALIZATION);
    }
    Error err = {0};
    parse("<a>\n <b></a>", &err);
    ok(str_find(error_text(&err), S("line 2")) >= 0);
}

TEST(xml_depth_and_size_are_bounded)
{
    Error err = {0};
    Buf deep = {.a = test_arena()}, wide = {.a = test_arena()};
    for (int i = 0; i <= XML_DEPTH_MAX; i++) buf_put(&deep, S("<a>"));
    buf_putc(&deep, 0);
    ok(!parse(deep.p, &err));
    ok(str_find(error_text(&err), S("nested too deeply")) >= 0);
    buf_put(&wide, S("<r>"));
    for (int i = 0; i < XML_NODES_MAX; i++) buf_put(&wide, S("<a/>"));
    buf_put(&wide, S("</r>\0"));
    ok(!parse(wide.p, &err));
    ok(str_find(error_text(&err), S("too many elements")) >= 0);
}

TEST(xml_long_text_in_many_pieces_is_put_together)
{
    Error err = {0};
    Buf in = {.a = test_arena()};
    buf_put(&in, S("<a>"));
    for (int i = 0; i < 50000; i++) buf_put(&in, S("x\n&amp;"));
    buf_put(&in, S("</a>\0"));
    const XmlNode *root = parse(in.p, &err);
    ok(root && root->text.n == 150000);
    eq_str(str_slice(root->text, 149997, 150000), S("x\n&"));
}

TEST(xml_escapes_what_would_be_markup_or_be_lost)
{
    Buf b = {.a = test_arena()};
    xml_text(&b, S("a<b>&\"c\"\r\n\t\x01\xc3\xa9\xff."));
    eq_str(buf_str(&b), S("a&lt;b&gt;&amp;&quot;c&quot;&#13;\n\t&#x1;\xc3\xa9\xef\xbf\xbd."));
}
