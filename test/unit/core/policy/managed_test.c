/* managed_test.c - the policies that AWS manages: each is a policy, and is found by its ARN. */
#include "core/policy/document.h"
#include "core/policy/managed.h"
#include "test.h"

TEST(managed_policies_are_policies)
{
    const ManagedPolicy *p;
    for (int i = 0; (p = managed_policy_at(i)); i++) {
        Json doc;
        Error err = {0};
        ok(policy_check(str_from(p->document), POLICY_IDENTITY, test_arena(), &doc, &err));
        eq_str(error_text(&err), S(""));
        Str arn = str_printf(test_arena(), "arn:aws:iam::aws:policy%s%s", p->path, p->name);
        ok(managed_policy(arn) == p);
    }
}

TEST(managed_policies_are_in_order)
{
    for (int i = 1; managed_policy_at(i); i++)
        ok(str_cmp(str_from(managed_policy_at(i - 1)->name), str_from(managed_policy_at(i)->name)) <
           0);
}

TEST(managed_policies_have_their_paths)
{
    ok(managed_policy(S("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole")) == NULL);
    ok(managed_policy(S("arn:aws:iam::000000000000:policy/AdministratorAccess")) == NULL);
}
