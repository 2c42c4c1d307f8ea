/* token.c - the text of a task token: which execution, frame and attempt it stands for. */
#include "base/encode.h"
#include "core/asl/event.h"

Str asl_token_text(Arena *a, Str execution_arn, AslToken token)
{
    return base64_encode(a, str_printf(a, "%" PRId64 "|%" PRId64 "|%.*s", token.frame,
                                       token.attempt, STR(execution_arn)));
}

bool asl_token_parse(Str text, Arena *a, Str *execution_arn, AslToken *token)
{
    Str rest, part;
    AslToken parsed;
    if (!base64_decode(a, text, &rest)) return false;
    if (!str_cut(&rest, '|', &part) || !str_to_int(part, &parsed.frame)) return false;
    if (!str_cut(&rest, '|', &part) || !str_to_int(part, &parsed.attempt)) return false;
    if (!rest.n) return false;
    *token = parsed;
    *execution_arn = rest;
    return true;
}
