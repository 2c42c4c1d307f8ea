/* protection.c - a stack's policy, asked while it is updated. */
#include "app/stacks/protection.h"

/* `next` of a stack may have "during", the policy of this update, and "policy", the one that holds
 * from then on. */
static Str in_force(Server *s, const StackRow *row)
{
    Json next;
    Error none = {0};
    if (str_absent(row->next) || !json_parse(row->next, &s->turn, &next, &none)) return (Str){0};
    return json_text(json_get(&next, S("during")));
}

Str stack_protects(Server *s, const StackRow *row, UpdateAction action, Str logical, Str type)
{
    Json policy;
    Error none = {0};
    Str text = in_force(s, row);
    if (str_absent(text) || !json_parse(text, &s->turn, &policy, &none)) return (Str){0};
    return update_policy_denies(&policy, action, logical, type, &s->turn);
}

void stack_takes_policy(Server *s, StackRow *row, const Json *next)
{
    Str policy = json_text(json_get(next, S("policy")));
    if (!str_absent(policy)) row->policy = str_copy(&s->turn, policy);
}
