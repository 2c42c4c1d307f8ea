/* stacks_template.c - random templates: resources that need each other, that cannot be made, whose names change. */
#include "base/json.h"
#include "stacks.h"

const char child_template[] =
    "{\"Parameters\":{\"Value\":{\"Type\":\"String\"}},\"Resources\":{\"Inner\":{\"Type\":"
    "\"AWS::SSM::Parameter\",\"Properties\":{\"Type\":\"String\",\"AllowedPattern\":\"^[^!]*$\","
    "\"Value\":{\"Ref\":\"Value\"}}}},\"Outputs\":{\"Out\":{\"Value\":{\"Ref\":\"Value\"}}}}";

/* ---- drawing ---- */

static void draw_part(Part *p, int i)
{
    if (!p->there && chance_in(2)) {
        p->there = true;
        p->named = chance_in(3) ? (int)chance_between(1, 9) : 0;
        p->needs = (unsigned)chance_below(1 << i);
    } else if (p->there && chance_in(5)) {
        p->there = false;
    } else if (p->there && chance_in(4)) {
        p->named++;
    }
    p->bad = false;
    p->slow = p->there && p->kind == PART_CUSTOM && chance_in(5);
}

static bool may_be_bad(const Part *p)
{
    return p->there &&
           (p->kind == PART_PARAMETER || p->kind == PART_CUSTOM || p->kind == PART_NESTED);
}

void shape_draw(const Shape *before, int version, Shape *out)
{
    if (before)
        *out = *before;
    else
        *out = (Shape){0};
    out->version = version;
    for (int i = 0; i < PARTS_MAX; i++) {
        Part *p = &out->parts[i];
        if (!before) p->kind = i == 0 ? PART_PARAMETER : (PartKind)chance_below(PART_KINDS);
        draw_part(p, i);
    }
    out->parts[0].there = true; /* a template has one at least */
    int bad = chance_in(3) ? (int)chance_below(PARTS_MAX) : -1;
    if (bad >= 0 && may_be_bad(&out->parts[bad])) out->parts[bad].bad = true;
}

bool shape_is_bad(const Shape *s)
{
    for (int i = 0; i < PARTS_MAX; i++)
        if (s->parts[i].there && s->parts[i].bad) return true;
    return false;
}

bool shape_is_slow(const Shape *s)
{
    for (int i = 0; i < PARTS_MAX; i++)
        if (s->parts[i].there && s->parts[i].slow) return true;
    return false;
}

bool shape_has(const Shape *s, PartKind kind)
{
    for (int i = 0; i < PARTS_MAX; i++)
        if (s->parts[i].there && s->parts[i].kind == kind) return true;
    return false;
}

/* ---- writing ---- */

static const int retentions[] = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365};

Str part_value(const Shape *s, int part, Arena *a)
{
    const Part *p = &s->parts[part];
    switch (p->kind) {
    case PART_QUEUE: return str_printf(a, "%d", s->version);
    case PART_GROUP: return str_printf(a, "%d", retentions[s->version % countof(retentions)]);
    case PART_PARAMETER:
    case PART_TOPIC:
    case PART_CUSTOM:
    case PART_NESTED: return str_printf(a, "v%d%s", s->version, p->bad ? "!" : p->slow ? "~" : "");
    case PART_KINDS:
    default: unreachable();
    }
}

static const struct {
    const char *type, *value, *name, *more;
} kinds[PART_KINDS] = {
    [PART_PARAMETER] = {"AWS::SSM::Parameter", "\"Value\":", "Name",
                        "\"Type\":\"String\",\"AllowedPattern\":\"^[^!]*$\","},
    [PART_QUEUE] = {"AWS::SQS::Queue", "\"VisibilityTimeout\":", "QueueName", ""},
    [PART_GROUP] = {"AWS::Logs::LogGroup", "\"RetentionInDays\":", "LogGroupName", ""},
    [PART_TOPIC] = {"AWS::SNS::Topic", "\"DisplayName\":", "TopicName", ""},
    [PART_CUSTOM] = {"Custom::Thing", "\"Value\":", NULL,
                     "\"ServiceToken\":\"arn:aws:sns:us-east-1:000000000000:custom\","
                     "\"ServiceTimeout\":600,"},
    [PART_NESTED] = {"AWS::CloudFormation::Stack",
                     "\"TemplateURL\":\"https://s3.us-east-1.amazonaws.com/templates/child.json\","
                     "\"Parameters\":{\"Value\":",
                     NULL, ""},
};

/* Parameters have what they need in their values (a reference), others by DependsOn. */
static void write_needs(Buf *b, const Shape *s, int part, bool references)
{
    const Part *p = &s->parts[part];
    for (int i = 0, n = 0; i < part; i++) {
        if (!(p->needs >> i & 1) || !s->parts[i].there) continue;
        if (references)
            buf_printf(b, ",{\"Ref\":\"P%d\"}", i);
        else
            buf_printf(b, "%s\"P%d\"", n++ ? "," : "", i);
    }
}

static void write_part(Buf *b, const Shape *s, int stack, int part)
{
    const Part *p = &s->parts[part];
    Str value = part_value(s, part, b->a);
    bool refers = p->kind == PART_PARAMETER;
    buf_printf(b, "\"P%d\":{\"Type\":\"%s\",", part, kinds[p->kind].type);
    if (!refers) {
        buf_put(b, S("\"DependsOn\":["));
        write_needs(b, s, part, false);
        buf_put(b, S("],"));
    }
    buf_printf(b, "\"Properties\":{%s", kinds[p->kind].more);
    if (p->named && kinds[p->kind].name)
        buf_printf(b, "\"%s\":\"x-%d-%d-%d\",", kinds[p->kind].name, stack, part, p->named);
    buf_put(b, str_from(kinds[p->kind].value));
    if (refers) buf_put(b, S("{\"Fn::Join\":[\"-\",["));
    buf_printf(b, "\"%.*s\"", STR(value));
    if (refers) {
        write_needs(b, s, part, true);
        buf_put(b, S("]]}"));
    }
    buf_put(b, p->kind == PART_NESTED ? S("}}}") : S("}}"));
}

Str shape_template(const Shape *s, int stack, Arena *a)
{
    Buf b = {.a = a};
    buf_printf(&b, "{\"Description\":\"%d\",\"Resources\":{", s->version);
    for (int i = 0, n = 0; i < PARTS_MAX; i++) {
        if (!s->parts[i].there) continue;
        if (n++) buf_putc(&b, ',');
        write_part(&b, s, stack, i);
    }
    buf_printf(&b,
               "},\"Outputs\":{\"Version\":{\"Value\":\"%d\",\"Export\":{\"Name\":\"e%d\"}},"
               "\"First\":{\"Value\":{\"Ref\":\"P0\"}}}}",
               s->version, stack);
    return buf_str(&b);
}
