/* transform_test.c - loops, policies of deletion, includes, and the order of a template's transforms. */
#include "core/stack/transform.h"

#include "../../../test.h"

static bool include(void *state, Str location, Json *out, Error *err)
{
    (void)state;
    if (str_eq(location, S("s3://code/map.json")))
        return json_parse(S("{\"A\":1,\"B\":{\"Ref\":\"List\"}}"), test_arena(), out, err);
    if (str_eq(location, S("s3://code/outputs.json")))
        return json_parse(S("{\"Outputs\":{\"O\":{\"Value\":\"o\"}},\"Resources\":{}}"),
                          test_arena(), out, err);
    return error_set(err, ERR_VALIDATION, "nothing lies at %.*s", STR(location));
}

/* `rest`: members of the template, with ' for ". */
static Str made(const char *rest)
{
    Error err = {0};
    Template t;
    Json root, out, parameters, pseudo;
    Str text = str_printf(test_arena(),
                          "{'Parameters':{'List':{'Type':'CommaDelimitedList'},'Stage':{'Type':"
                          "'String'}},'Mappings':{'M':{'prod':{'keep':'Retain'}}},%s}",
                          rest);
    for (int64_t i = 0; i < text.n; i++)
        if (text.p[i] == '\'') ((char *)(uintptr_t)text.p)[i] = '"';
    ok(json_parse(text, test_arena(), &root, &err));
    ok(json_parse(S("{\"List\":[\"a.b\",\"c\"],\"Stage\":\"prod\"}"), test_arena(), &parameters,
                  &err));
    ok(json_parse(S("{\"AWS::Region\":\"eu-west-1\"}"), test_arena(), &pseudo, &err));
    ok(template_check_head(&root, test_arena(), &t, &err));
    StackScope s = {.a = test_arena(),
                    .t = &t,
                    .parameters = &parameters,
                    .pseudo = &pseudo,
                    .bytes_left = 4096};
    if (!template_transform(&s, include, NULL, &root, &out, &err))
        return str_copy(test_arena(), error_text(&err));
    ok(!template_has_transforms(&out));
    return str_printf(
        test_arena(), "%.*s|%.*s", STR(json_to_str(test_arena(), json_get(&out, S("Resources")))),
        STR(json_get(&out, S("Outputs")) ? json_to_str(test_arena(), json_get(&out, S("Outputs")))
                                         : S("")));
}

#define LANGUAGE "'Transform':'AWS::LanguageExtensions',"

TEST(transform_unrolls_loops)
{
    static const struct {
        const char *rest, *want;
    } cases[] = {
        {LANGUAGE "'Resources':{'Fn::ForEach::T':['N',['A','B'],{'Topic${N}':{'Type':'T',"
                  "'Properties':{'Name':{'Ref':'N'},'Text':'x-${N}-${Other}'}}}]}",
         "{\"TopicA\":{\"Type\":\"T\",\"Properties\":{\"Name\":\"A\",\"Text\":\"x-A-${Other}\"}},"
         "\"TopicB\":{\"Type\":\"T\",\"Properties\":{\"Name\":\"B\",\"Text\":\"x-B-${Other}\"}}}|"},
        {LANGUAGE "'Resources':{'Fn::ForEach::T':['N',{'Ref':'List'},{'R&{N}':{'Type':'${N}'}}],"
                  "'Z':{'Type':'Z'}}",
         "{\"Rab\":{\"Type\":\"a.b\"},\"Rc\":{\"Type\":\"c\"},\"Z\":{\"Type\":\"Z\"}}|"},
        {LANGUAGE "'Resources':{'R':{'Type':'T','Properties':{'Fn::ForEach::P':['K',['x','y'],"
                  "{'Key${K}':1}]}}}",
         "{\"R\":{\"Type\":\"T\",\"Properties\":{\"Keyx\":1,\"Keyy\":1}}}|"},
        {LANGUAGE "'Resources':{'Fn::ForEach::A':['X',['1','2'],{'Fn::ForEach::B':['Y',['${X}a',"
                  "'b'],{'R${X}${Y}':{'Type':'T'}}]}]},'Outputs':{'Fn::ForEach::O':['X',['1'],"
                  "{'O${X}':{'Value':{'Fn::GetAtt':['R${X}b','Arn']}}}]}",
         "{\"R11a\":{\"Type\":\"T\"},\"R1b\":{\"Type\":\"T\"},\"R22a\":{\"Type\":\"T\"},\"R2b\":{"
         "\"Type\":\"T\"}}|{\"O1\":{\"Value\":{\"Fn::GetAtt\":[\"R1b\",\"Arn\"]}}}"},
        {LANGUAGE "'Resources':{'R':{'Type':'T','DeletionPolicy':{'Fn::FindInMap':['M',{'Ref':"
                  "'Stage'},'keep']}}}",
         "{\"R\":{\"Type\":\"T\",\"DeletionPolicy\":\"Retain\"}}|"},
        {"'Transform':['AWS::Serverless-2016-10-31','AWS::LanguageExtensions'],'Resources':{"
         "'Fn::ForEach::T':['N',['A'],{'T${N}':{'Type':'AWS::Serverless::SimpleTable',"
         "'Properties':{'ProvisionedThroughput':1}}}]}",
         "{\"TA\":{\"Type\":\"AWS::DynamoDB::Table\",\"Properties\":{\"AttributeDefinitions\":[{"
         "\"AttributeName\":\"id\",\"AttributeType\":\"S\"}],\"KeySchema\":[{\"AttributeName\":"
         "\"id\",\"KeyType\":\"HASH\"}],\"ProvisionedThroughput\":1}}}|"},
    };
    for (int i = 0; i < countof(cases); i++) eq_str(made(cases[i].rest), str_from(cases[i].want));
}

TEST(transform_refuses_loops_that_cannot_be)
{
#define FAILED "Transform AWS::LanguageExtensions failed with: "
    static const struct {
        const char *rest, *want;
    } cases[] = {
        {LANGUAGE "'Resources':{'Fn::ForEach::T':['N',['A']]}",
         FAILED "Fn::ForEach::T layout is incorrect"},
        {LANGUAGE "'Resources':{'Fn::ForEach::T':['N','A',{}]}",
         FAILED "Fn::ForEach::T needs a list of texts as its collection"},
        {LANGUAGE "'Resources':{'Fn::ForEach::T':['N',{'Ref':'Gone'},{}]}",
         FAILED "Fn::ForEach::T could not resolve its collection: Template format error: "
                "Unresolved resource dependencies [Gone] in the Resources block of the template"},
        {LANGUAGE "'Resources':{'Fn::ForEach::T':['Stage',['A'],{}]}",
         FAILED "Fn::ForEach::T: the identifier Stage is in use"},
        {LANGUAGE "'Resources':{'Fn::ForEach::T':['N',['A','B'],{'R':{'Type':'T'}}]}",
         FAILED "Fn::ForEach makes R more than once"},
        {LANGUAGE "'Resources':{'R':{'Type':'T','DeletionPolicy':{'Ref':'List'}}}",
         FAILED "the policy of R is no text"},
    };
    for (int i = 0; i < countof(cases); i++) eq_str(made(cases[i].rest), str_from(cases[i].want));
}

/* Ten to the fifth resources by five loops of ten. */
TEST(transform_bounds_what_loops_make)
{
    Buf b = {.a = test_arena()};
    buf_put(&b, S(LANGUAGE "'Resources':{"));
    for (int i = 0; i < 5; i++)
        buf_printf(&b, "'Fn::ForEach::L%d':['I%d',['0','1','2','3','4','5','6','7','8','9'],{", i,
                   i);
    buf_put(&b, S("'R${I0}${I1}${I2}${I3}${I4}':{'Type':['','','','']}"));
    for (int i = 0; i < 5; i++) buf_put(&b, S("}]"));
    buf_put(&b, S("}"));
    Str why = made(str_z(test_arena(), buf_str(&b)));
    ok(str_eq(why, S(FAILED "loops make too many values")) ||
       str_eq(why, S(FAILED "loops make too much text")));
}

TEST(transform_puts_includes_in_their_places)
{
    static const struct {
        const char *rest, *want;
    } cases[] = {
        {"'Resources':{'R':{'Type':'T','Properties':{'Own':0,'Fn::Transform':{'Name':"
         "'AWS::Include','Parameters':{'Location':{'Fn::Sub':'s3://code/map.json'}}}}}}",
         "{\"R\":{\"Type\":\"T\",\"Properties\":{\"Own\":0,\"A\":1,\"B\":{\"Ref\":\"List\"}}}}|"},
        {"'Transform':{'Name':'AWS::Include','Parameters':{'Location':'s3://code/outputs.json'}},"
         "'Resources':{'R':{'Type':'T'}}",
         "{\"R\":{\"Type\":\"T\"}}|{\"O\":{\"Value\":\"o\"}}"},
        {"'Resources':{'R':{'Fn::Transform':{'Name':'AWS::Include','Parameters':{'Location':"
         "'s3://code/none'}}}}",
         "nothing lies at s3://code/none"},
        {"'Resources':{'R':{'Fn::Transform':{'Name':'AWS::Include','Parameters':{'Location':"
         "'/etc/passwd'}}}}",
         "Transform AWS::Include failed with: The location parameter is not a valid S3 uri."},
        {"'Transform':'OurMacro','Resources':{}", "No transform named OurMacro found."},
        {"'Resources':{'R':{'Type':'T'}}", "{\"R\":{\"Type\":\"T\"}}|"},
    };
    for (int i = 0; i < countof(cases); i++) eq_str(made(cases[i].rest), str_from(cases[i].want));
}

/* Six hundred events of one bucket; three thousand resources in one section. */
TEST(transform_bounds_what_events_and_sections_make)
{
    Buf events = {.a = test_arena()}, loop = {.a = test_arena()};
    buf_put(&events, S("'Transform':'AWS::Serverless-2016-10-31','Resources':{'B':{'Type':"
                       "'AWS::S3::Bucket'},'F':{'Type':'AWS::Serverless::Function','Properties':{"
                       "'InlineCode':'x','Events':{'E':{'Type':'S3','Properties':{'Bucket':{'Ref':"
                       "'B'},'Events':['e'"));
    for (int i = 0; i < 600; i++) buf_put(&events, S(",'e'"));
    buf_put(&events, S("]}}}}}}"));
    eq_str(
        made(str_z(test_arena(), buf_str(&events))),
        S("Transform AWS::Serverless-2016-10-31 failed with: the document becomes more than 2000 "
          "resources or 500 notifications of buckets."));
    buf_put(&loop, S(LANGUAGE "'Resources':{'Fn::ForEach::A':['X',['0'"));
    for (int i = 1; i < 3000; i++) buf_printf(&loop, ",'%d'", i % 10);
    buf_put(&loop, S("],{'${X}':1}]}"));
    eq_str(made(str_z(test_arena(), buf_str(&loop))),
           S(FAILED "a section has more than 2000 members"));
}
