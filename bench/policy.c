/* policy.c - how many decisions of IAM a second: a user with three policies of five statements, one of them allows. */
#include <stdio.h>
#include <time.h>

#include "core/policy/policy.h"

enum { DOCUMENTS = 3, STATEMENTS = 5, ROUNDS = 300 * 1000 };

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void build(Arena *a, int n, Json *out)
{
    Buf b = {.a = a};
    Error err = {0};
    buf_put(&b, S("{\"Version\":\"2012-10-17\",\"Statement\":["));
    for (int i = 0; i < STATEMENTS; i++)
        buf_printf(&b,
                   "%s{\"Effect\":\"Allow\",\"Action\":[\"s3:Get*\",\"s3:PutObject\"],\"Resource\":"
                   "\"arn:aws:s3:::bucket-%d/${aws:username}/*\",\"Condition\":{\"StringLike\":"
                   "{\"aws:username\":\"a*\"}}}",
                   i ? "," : "", n * STATEMENTS + i);
    buf_put(&b, S("]}"));
    check(json_parse(buf_str(&b), a, out, &err));
}

int main(void)
{
    static const Str ann[] = {STR_INIT("ann")};
    static const PolicyKey keys[] = {{STR_INIT("aws:username"), ann, 1}};
    Arena kept = {0}, a = {0};
    Json json[DOCUMENTS];
    PolicyDocument documents[DOCUMENTS];
    for (int i = 0; i < DOCUMENTS; i++) {
        build(&kept, i, &json[i]);
        documents[i] = (PolicyDocument){.json = &json[i]};
    }
    PolicySets sets = {.identity = documents, .identity_n = DOCUMENTS};
    PolicyRequest r = {.action = S("s3:GetObject"),
                       .resource = S("arn:aws:s3:::bucket-14/ann/a.csv"),
                       .principal = {.arn = S("arn:aws:iam::111122223333:user/ann")},
                       .keys = keys,
                       .keys_n = 1};
    double begun = seconds();
    for (int i = 0; i < ROUNDS; i++) {
        check(policy_decide(&sets, &r, &a).allowed);
        arena_reset(&a);
    }
    printf("%.0f decisions/s\n", ROUNDS / (seconds() - begun));
    arena_free(&kept);
    arena_free(&a);
    return 0;
}
