/* update_policy_test.c - stack policies: what nothing allows is denied, a Deny goes before every Allow, bad ones are refused. */
#include "core/stack/update_policy.h"

#include "../../../test.h"

#define S1(effect, action, resource)                                                               \
    "{\"Effect\":\"" effect "\",\"Principal\":\"*\",\"Action\":" action ",\"Resource\":" resource  \
    "}"
#define ALL S1("Allow", "\"Update:*\"", "\"*\"")

static Str asked(const char *statements, UpdateAction action, const char *logical, const char *type)
{
    Json policy;
    Error err = {0};
    Str text = str_printf(test_arena(), "{\"Statement\":[%s]}", statements);
    if (!update_policy_check(text, test_arena(), &policy, &err))
        return str_copy(test_arena(), error_text(&err));
    Str why =
        update_policy_denies(&policy, action, str_from(logical), str_from(type), test_arena());
    return str_absent(why) ? S("allowed") : why;
}

TEST(update_policy_denies_what_nothing_allows)
{
    eq_str(asked(ALL, UPDATE_REPLACE, "Db", "AWS::S3::Bucket"), S("allowed"));
    eq_str(asked("", UPDATE_DELETE, "Db", "AWS::S3::Bucket"),
           S("Action not allowed by stack policy: no statement allows [Update:Delete] for resource "
             "[LogicalResourceId/Db]"));
    eq_str(asked(S1("Allow", "[\"Update:Modify\"]", "\"LogicalResourceId/D*\""), UPDATE_MODIFY,
                 "Db", "T"),
           S("allowed"));
    eq_str(asked(S1("Allow", "\"Update:Modify\"", "\"LogicalResourceId/D\""), UPDATE_MODIFY, "Db",
                 "T"),
           S("Action not allowed by stack policy: no statement allows [Update:Modify] for resource "
             "[LogicalResourceId/Db]"));
}

TEST(update_policy_deny_goes_first)
{
    eq_str(asked(ALL "," S1("Deny", "\"Update:Replace\"", "\"LogicalResourceId/Db\""),
                 UPDATE_REPLACE, "Db", "T"),
           S("Action denied by stack policy: Statement [#1] does not allow [Update:Replace] for "
             "resource [LogicalResourceId/Db]"));
    eq_str(asked(ALL "," S1("Deny", "\"Update:Replace\"", "\"LogicalResourceId/Db\""),
                 UPDATE_MODIFY, "Db", "T"),
           S("allowed"));
    eq_str(asked(S1("Deny", "\"Update:*\"", "\"*\"") "," ALL, UPDATE_MODIFY, "Db", "T"),
           S("Action denied by stack policy: Statement [#0] does not allow [Update:*] for resource "
             "[*]"));
}

#define TYPED(operator, types)                                                                     \
    ALL ",{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":[\"Update:Delete\","                 \
        "\"Update:Replace\"],\"Resource\":\"*\",\"Condition\":{\""                                 \
        operator"\":{\"ResourceType\":" types "}}}"

TEST(update_policy_of_types_and_of_all_but_some)
{
    eq_str(asked(TYPED("StringEquals", "[\"AWS::S3::Bucket\"]"), UPDATE_DELETE, "B",
                 "AWS::SQS::Queue"),
           S("allowed"));
    eq_str(
        asked(TYPED("StringEquals", "\"AWS::S3::Bucket\""), UPDATE_DELETE, "B", "AWS::S3::Bucket"),
        S("Action denied by stack policy: Statement [#1] does not allow [Update:Delete] for "
          "resource [*]"));
    eq_str(asked(TYPED("StringLike", "[\"AWS::S3::*\"]"), UPDATE_REPLACE, "B", "AWS::S3::Bucket"),
           S("Action denied by stack policy: Statement [#1] does not allow [Update:Replace] for "
             "resource [*]"));
    const char *but = "{\"Effect\":\"Allow\",\"Principal\":\"*\",\"NotAction\":\"Update:Delete\","
                      "\"NotResource\":\"LogicalResourceId/Db\"}";
    eq_str(asked(but, UPDATE_MODIFY, "Queue", "T"), S("allowed"));
    ok(!str_eq(asked(but, UPDATE_MODIFY, "Db", "T"), S("allowed")));
    ok(!str_eq(asked(but, UPDATE_DELETE, "Queue", "T"), S("allowed")));
}

TEST(update_policy_refuses_bad_ones)
{
    static const char *const bad[] = {
        "1",
        "{}",
        S1("Maybe", "\"Update:*\"", "\"*\""),
        S1("Allow", "\"s3:*\"", "\"*\""),
        S1("Allow", "[]", "\"*\""),
        S1("Allow", "\"Update:*\"", "\"Db\""),
        "{\"Effect\":\"Allow\",\"Principal\":\"me\",\"Action\":\"Update:*\",\"Resource\":\"*\"}",
        "{\"Effect\":\"Allow\",\"Action\":\"Update:*\",\"Resource\":\"*\"}",
        TYPED("Bool", "\"x\""),
    };
    for (int i = 0; i < countof(bad); i++)
        eq_str(asked(bad[i], UPDATE_MODIFY, "Db", "T"),
               S("Error validating stack policy: Invalid stack policy"));
}
