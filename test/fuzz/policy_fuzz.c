/* policy_fuzz.c - a policy, and on the next line a resource's ARN: what the checker lets through is decided, always alike. */
#include "core/policy/document.h"
#include "core/policy/place.h"
#include "core/policy/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void decide(const Json *policy, PolicyUse use, Str resource, Arena *a)
{
    static const Str name[] = {STR_INIT("ann")};
    static const PolicyKey keys[] = {{STR_INIT("aws:username"), name, 1}};
    PolicyDocument d = {.json = policy};
    PolicySets sets = {.identity = &d, .identity_n = use == POLICY_IDENTITY};
    sets.resource = &d;
    sets.resource_n = use == POLICY_TRUST;
    PolicyRequest r = {
        .action = use == POLICY_TRUST ? S("sts:AssumeRole") : S("s3:GetObject"),
        .resource = resource,
        .principal = {.arn = S("arn:aws:iam::111122223333:user/ann"), .account = S("111122223333")},
        .keys = keys,
        .keys_n = 1};
    PolicyReason once = policy_decide(&sets, &r, a).reason;
    check(once == policy_decide(&sets, &r, a).reason);
}

/* Each statement has a place, in their order, and there is none behind the last. */
static void find(const Json *policy, Str text)
{
    PolicyPlace begin, end, last = {0};
    int32_t n = policy_count(json_get(policy, S("Statement")));
    for (int32_t i = 0; i < n; i++) {
        check(policy_place(text, i, &begin, &end));
        check(begin.line > last.line || (begin.line == last.line && begin.column >= last.column));
        last = end;
    }
    check(!policy_place(text, n, &begin, &end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Arena a;
    Str rest = {(const char *)data, (int64_t)size}, first;
    for (PolicyUse use = POLICY_IDENTITY; use <= POLICY_TRUST; use++) {
        Json policy;
        Error err = {0};
        Str resource = rest;
        if (str_cut(&resource, '\n', &first) && policy_check(first, use, &a, &policy, &err))
            decide(&policy, use, resource, &a), find(&policy, first);
    }
    arena_reset(&a);
    return 0;
}
