/* policy_test.c - IAM's decisions: the documented logic as a truth table, operators, variables, and properties that always hold. */
#include "core/policy/policy.h"

#include "core/policy/document.h"
#include "test.h"

#define USER    "arn:aws:iam::111122223333:user/ann"
#define ROLE    "arn:aws:iam::111122223333:role/R"
#define SESSION "arn:aws:sts::111122223333:assumed-role/R/s"

static Json *parsed(const char *text)
{
    Json *v = new (test_arena(), Json);
    Error err = {0};
    ok(json_parse(str_from(text), test_arena(), v, &err));
    return v;
}

static Json *statements(const char *text)
{
    return parsed(
        str_printf(test_arena(), "{\"Version\":\"2012-10-17\",\"Statement\":[%s]}", text).p);
}

/* ---- the documented logic ---- */

static const char allow_read[] = "{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":"
                                 "\"arn:aws:s3:::lake/*\"}";
static const char deny_read[] = "{\"Effect\":\"Deny\",\"Action\":\"s3:Get*\",\"Resource\":\"*\"}";
static const char allow_other[] = "{\"Effect\":\"Allow\",\"Action\":\"sqs:*\",\"Resource\":\"*\"}";
#define TO(who)                                                                                    \
    "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" who                                          \
    "\"},\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::lake/*\"}"
static const char deny_all[] = "{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\","
                               "\"Resource\":\"arn:aws:s3:::lake/*\"}";

/* NULL: there is none. */
typedef struct Case {
    const char *identity, *boundary, *session, *resource;
    bool user; /* else a session of a role */
    PolicyReason reason;
} Case;

static const Case cases[] = {
    {NULL, NULL, NULL, NULL, true, POLICY_MISSING_IDENTITY},
    {allow_read, NULL, NULL, NULL, true, POLICY_ALLOWED},
    {allow_other, NULL, NULL, NULL, true, POLICY_MISSING_IDENTITY},
    {deny_read, NULL, NULL, NULL, true, POLICY_DENIED_IDENTITY},
    {allow_read, allow_read, NULL, NULL, true, POLICY_ALLOWED},
    {allow_read, allow_other, NULL, NULL, true, POLICY_MISSING_BOUNDARY},
    {NULL, allow_read, NULL, NULL, true, POLICY_MISSING_IDENTITY},
    {allow_read, deny_read, NULL, NULL, true, POLICY_DENIED_BOUNDARY},
    {allow_read, NULL, allow_read, NULL, false, POLICY_ALLOWED},
    {allow_read, NULL, allow_other, NULL, false, POLICY_MISSING_SESSION},
    {allow_read, NULL, deny_read, NULL, false, POLICY_DENIED_SESSION},
    {allow_read, allow_other, allow_other, NULL, false, POLICY_MISSING_BOUNDARY},
    {NULL, NULL, NULL, TO(USER), true, POLICY_ALLOWED},
    {NULL, allow_other, NULL, TO(USER), true, POLICY_ALLOWED},
    {deny_read, NULL, NULL, TO(USER), true, POLICY_DENIED_IDENTITY},
    {NULL, deny_read, NULL, TO(USER), true, POLICY_DENIED_BOUNDARY},
    {NULL, NULL, NULL, TO("111122223333"), true, POLICY_MISSING_IDENTITY},
    {allow_read, NULL, NULL, TO("111122223333"), true, POLICY_ALLOWED},
    {NULL, NULL, NULL, TO("*"), true, POLICY_ALLOWED},
    {NULL, NULL, NULL, TO(ROLE), true, POLICY_MISSING_IDENTITY},
    {NULL, NULL, NULL, TO(ROLE), false, POLICY_ALLOWED},
    {NULL, NULL, allow_other, TO(ROLE), false, POLICY_MISSING_SESSION},
    {NULL, allow_other, NULL, TO(ROLE), false, POLICY_MISSING_BOUNDARY},
    {NULL, allow_other, allow_other, TO(SESSION), false, POLICY_ALLOWED},
    {allow_read, NULL, NULL, deny_all, true, POLICY_DENIED_RESOURCE},
    {allow_read, allow_read, allow_read, TO(ROLE), false, POLICY_ALLOWED},
};

static PolicyPrincipal who(bool user)
{
    return user ? (PolicyPrincipal){.arn = S(USER), .account = S("111122223333")}
                : (PolicyPrincipal){
                      .arn = S(SESSION), .role_arn = S(ROLE), .account = S("111122223333")};
}

static PolicySets sets_of(const Case *c, PolicyDocument d[4])
{
    PolicySets sets = {.identity = &d[0],
                       .boundary = &d[1],
                       .session = &d[2],
                       .resource = &d[3],
                       .bounded = c->boundary,
                       .narrowed = c->session};
    const char *texts[] = {c->identity, c->boundary, c->session, c->resource};
    int *counts[] = {&sets.identity_n, &sets.boundary_n, &sets.session_n, &sets.resource_n};
    for (int i = 0; i < 4; i++) {
        d[i] = (PolicyDocument){.json = texts[i] ? statements(texts[i]) : NULL};
        *counts[i] = texts[i] != NULL;
    }
    return sets;
}

static PolicyRequest read_of(bool user)
{
    return (PolicyRequest){.action = S("s3:GetObject"),
                           .resource = S("arn:aws:s3:::lake/a.csv"),
                           .principal = who(user)};
}

TEST(policy_decides_as_documented)
{
    for (int i = 0; i < countof(cases); i++) {
        PolicyDocument d[4];
        PolicySets sets = sets_of(&cases[i], d);
        PolicyRequest r = read_of(cases[i].user);
        PolicyDecision decision = policy_decide(&sets, &r, test_arena());
        eq_int(decision.reason, cases[i].reason);
        ok(decision.allowed == (cases[i].reason == POLICY_ALLOWED));
    }
}

TEST(policy_trust_has_to_name_who_assumes)
{
    static const char service[] =
        "{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"states.amazonaws.com\"},\"Action\":"
        "\"sts:AssumeRole\"}";
    static const char all[] = "{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\"}";
    PolicyDocument trust = {.json = statements(service)}, identity = {.json = statements(all)};
    PolicySets sets = {.resource = &trust, .resource_n = 1, .trust = true};
    PolicyRequest r = {.action = S("sts:AssumeRole"),
                       .resource = S(ROLE),
                       .principal = {.service = S("states.amazonaws.com")}};
    ok(policy_decide(&sets, &r, test_arena()).allowed);
    r.principal.service = S("lambda.amazonaws.com");
    ok(!policy_decide(&sets, &r, test_arena()).allowed);
    r.principal = who(true);
    sets.identity = &identity;
    sets.identity_n = 1;
    eq_int(policy_decide(&sets, &r, test_arena()).reason, POLICY_MISSING_RESOURCE);
}

/* ---- one statement ---- */

static const Str tags[] = {STR_INIT("team"), STR_INIT("cost")};
static const Str lake[] = {STR_INIT("lake")}, ann[] = {STR_INIT("ann")}, star[] = {STR_INIT("*")};
static const Str address[] = {STR_INIT("10.1.2.3")}, twelve[] = {STR_INIT("12.0")};
static const Str when[] = {STR_INIT("2026-01-02T03:04:05Z")}, yes[] = {STR_INIT("true")};
static const Str source[] = {STR_INIT("arn:aws:states:us-east-1:111122223333:stateMachine:a:b")};
static const PolicyKey keys[] = {
    {STR_INIT("aws:TagKeys"), tags, 2},        {STR_INIT("s3:prefix"), lake, 1},
    {STR_INIT("aws:username"), ann, 1},        {STR_INIT("aws:SourceIp"), address, 1},
    {STR_INIT("s3:max-keys"), twelve, 1},      {STR_INIT("aws:CurrentTime"), when, 1},
    {STR_INIT("aws:SecureTransport"), yes, 1}, {STR_INIT("aws:SourceArn"), source, 1},
    {STR_INIT("aws:userid"), star, 1},
};

static bool allows(const char *rest)
{
    PolicyDocument d = {
        .json = statements(str_printf(test_arena(), "{\"Effect\":\"Allow\",%s}", rest).p)};
    PolicySets sets = {.identity = &d, .identity_n = 1};
    PolicyRequest r = {.action = S("s3:ListBucket"),
                       .resource = S("arn:aws:s3:::ann-data"),
                       .principal = who(true),
                       .keys = keys,
                       .keys_n = countof(keys)};
    return policy_decide(&sets, &r, test_arena()).allowed;
}

static bool on(const char *condition)
{
    return allows(str_printf(test_arena(),
                             "\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{%s}", condition)
                      .p);
}

TEST(policy_actions_and_resources)
{
    ok(allows("\"Action\":\"S3:listbucket\",\"Resource\":\"*\""));
    ok(allows("\"Action\":[\"sqs:*\",\"s3:List?ucket\"],\"Resource\":\"arn:aws:s3:::*-data\""));
    ok(!allows("\"Action\":\"s3:ListBuckets\",\"Resource\":\"*\""));
    ok(allows("\"NotAction\":\"sqs:*\",\"Resource\":\"*\""));
    ok(!allows("\"NotAction\":\"s3:List*\",\"Resource\":\"*\""));
    ok(allows("\"Action\":\"*\",\"NotResource\":\"arn:aws:s3:::other\""));
    ok(!allows("\"Action\":\"*\",\"NotResource\":\"arn:aws:s3:::ann-*\""));
}

TEST(policy_variables)
{
    ok(allows("\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::${aws:username}-data\""));
    ok(!allows("\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::${aws:nothing}-data\""));
    ok(allows("\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::${aws:nothing, 'ann'}-data\""));
    /* a value is no pattern */
    ok(!allows("\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::${aws:userid}\""));
    ok(!allows("\"Action\":\"*\",\"Resource\":\"arn:aws:s3:::ann${*}data\""));
    ok(on("\"StringEquals\":{\"aws:username\":\"${aws:username}\"}"));
    ok(!on("\"StringEquals\":{\"aws:username\":\"${aws:TagKeys}\"}"));
}

TEST(policy_operators)
{
    ok(on("\"StringEquals\":{\"s3:prefix\":[\"x\",\"lake\"]}"));
    ok(!on("\"StringEquals\":{\"s3:prefix\":\"LAKE\"}"));
    ok(on("\"StringEqualsIgnoreCase\":{\"S3:Prefix\":\"LAKE\"}"));
    ok(!on("\"StringNotEquals\":{\"s3:prefix\":[\"x\",\"lake\"]}"));
    ok(on("\"StringLike\":{\"s3:prefix\":\"la?e*\"}"));
    ok(!on("\"StringNotLike\":{\"s3:prefix\":\"l*\"}"));
    ok(on("\"NumericEquals\":{\"s3:max-keys\":12}"));
    ok(on("\"NumericLessThanEquals\":{\"s3:max-keys\":\"12\"}"));
    ok(!on("\"NumericLessThan\":{\"s3:max-keys\":\"12\"}"));
    ok(on("\"NumericGreaterThan\":{\"s3:max-keys\":\"9.5\"}"));
    ok(!on("\"NumericNotEquals\":{\"s3:max-keys\":\"12.00\"}"));
    ok(on("\"DateGreaterThan\":{\"aws:CurrentTime\":\"2026-01-01T00:00:00Z\"}"));
    ok(!on("\"DateLessThan\":{\"aws:CurrentTime\":\"1767225600\"}"));
    ok(on("\"Bool\":{\"aws:SecureTransport\":true}"));
    ok(!on("\"Bool\":{\"aws:SecureTransport\":\"false\"}"));
    ok(on("\"IpAddress\":{\"aws:SourceIp\":\"10.0.0.0/8\"}"));
    ok(!on("\"NotIpAddress\":{\"aws:SourceIp\":[\"::1\",\"10.1.0.0/16\"]}"));
    ok(on("\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:states:*:111122223333:stateMachine:*\"}"));
    ok(!on("\"ArnLike\":{\"aws:SourceArn\":\"arn:aws:*:stateMachine:a:b\"}"));
    ok(on("\"ArnNotEquals\":{\"aws:SourceArn\":\"arn:aws:sns:*:*:x\"}"));
    ok(on("\"Null\":{\"aws:MultiFactorAuthAge\":\"true\",\"s3:prefix\":\"false\"}"));
    ok(!on("\"Null\":{\"s3:prefix\":true}"));
}

TEST(policy_operators_on_what_is_absent)
{
    ok(!on("\"StringEquals\":{\"aws:absent\":\"x\"}"));
    ok(on("\"StringNotEquals\":{\"aws:absent\":\"x\"}"));
    ok(on("\"StringEqualsIfExists\":{\"aws:absent\":\"x\"}"));
    ok(!on("\"StringEqualsIfExists\":{\"s3:prefix\":\"x\"}"));
    ok(on("\"ForAllValues:StringEquals\":{\"aws:absent\":\"x\"}"));
    ok(!on("\"ForAnyValue:StringEquals\":{\"aws:absent\":\"x\"}"));
    ok(!on("\"ForAnyValue:StringNotEquals\":{\"aws:absent\":\"x\"}"));
}

TEST(policy_operators_of_sets)
{
    ok(on("\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"team\",\"cost\",\"more\"]}"));
    ok(!on("\"ForAllValues:StringEquals\":{\"aws:TagKeys\":[\"team\"]}"));
    ok(on("\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":[\"team\"]}"));
    ok(!on("\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":[\"other\"]}"));
    ok(on("\"ForAnyValue:StringNotEquals\":{\"aws:TagKeys\":[\"team\"]}"));
    ok(!on("\"ForAllValues:StringNotEquals\":{\"aws:TagKeys\":[\"team\"]}"));
}

/* ---- what always holds ---- */

static uint64_t seed;

static int below(int n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int)((seed >> 33) % (uint64_t)n);
}

static Json *random_statement(bool resource, bool deny)
{
    static const char *const actions[] = {"s3:GetObject", "s3:Get*",     "s3:*", "*",
                                          "sqs:*",        "s3:PutObject"};
    static const char *const resources[] = {"*", "arn:aws:s3:::lake/*", "arn:aws:s3:::other/*",
                                            "arn:aws:s3:::*/a.csv"};
    static const char *const principals[] = {"*",     USER,           ROLE,
                                             SESSION, "111122223333", "444455556666"};
    static const char *const conditions[] = {"{}", "{\"StringEquals\":{\"aws:username\":\"ann\"}}",
                                             "{\"Null\":{\"aws:username\":\"true\"}}"};
    Str who_text = resource ? str_printf(test_arena(), "\"Principal\":{\"AWS\":\"%s\"},",
                                         principals[below(countof(principals))])
                            : S("");
    return parsed(str_printf(test_arena(),
                             "{\"Effect\":\"%s\",%.*s\"%sAction\":\"%s\",\"%sResource\":\"%s\","
                             "\"Condition\":%s}",
                             deny || !below(4) ? "Deny" : "Allow", STR(who_text),
                             below(4) ? "" : "Not", actions[below(countof(actions))],
                             below(4) ? "" : "Not", resources[below(countof(resources))],
                             conditions[below(countof(conditions))])
                      .p);
}

typedef struct World {
    PolicyDocument d[4];
    Json items[4][5], doc[4];
    JsonMember members[4][2];
    int n[4];
    PolicySets sets;
} World;

static void build(World *w)
{
    for (int k = 0; k < 4; k++) {
        w->members[k][0] = (JsonMember){S("Version"), json_string(S("2012-10-17"))};
        w->members[k][1] =
            (JsonMember){S("Statement"), {.type = JSON_ARRAY, .n = w->n[k], .items = w->items[k]}};
        w->doc[k] = (Json){.type = JSON_OBJECT, .n = 2, .members = w->members[k]};
        w->d[k] = (PolicyDocument){.json = &w->doc[k]};
    }
    w->sets.identity = &w->d[0];
    w->sets.boundary = &w->d[1];
    w->sets.session = &w->d[2];
    w->sets.resource = &w->d[3];
    w->sets.identity_n = w->sets.boundary_n = w->sets.session_n = w->sets.resource_n = 1;
}

static void random_world(World *w)
{
    *w = (World){.sets = {.bounded = below(2), .narrowed = below(2), .trust = !below(4)}};
    for (int k = 0; k < 4; k++) {
        w->n[k] = below(4);
        for (int i = 0; i < w->n[k]; i++) w->items[k][i] = *random_statement(k == 3, false);
    }
    build(w);
}

static PolicyDecision decide(const World *w, bool user)
{
    PolicyRequest r = read_of(user);
    r.keys = keys;
    r.keys_n = countof(keys);
    return policy_decide(&w->sets, &r, test_arena());
}

TEST(policy_a_deny_more_never_allows)
{
    int denied = 0, opened = 0;
    seed = 1;
    for (int i = 0; i < 3000; i++) {
        World w;
        random_world(&w);
        bool user = below(2), before = decide(&w, user).allowed;
        int k = below(4);
        w.items[k][w.n[k]++] = *random_statement(k == 3, true);
        build(&w);
        bool after = decide(&w, user).allowed;
        ok(before || !after);
        denied += before && !after;
        opened += before;
    }
    ok(denied > 50 && opened > 300);
}

TEST(policy_order_never_matters)
{
    seed = 2;
    for (int i = 0; i < 3000; i++) {
        World w;
        random_world(&w);
        bool user = below(2);
        PolicyReason before = decide(&w, user).reason;
        int k = below(4);
        for (int n = w.n[k]; n > 1; n--) {
            int other = below(n);
            Json kept = w.items[k][n - 1];
            w.items[k][n - 1] = w.items[k][other];
            w.items[k][other] = kept;
        }
        build(&w);
        eq_int(decide(&w, user).reason, before);
    }
}
