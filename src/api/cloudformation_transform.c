/* cloudformation_transform.c - a request's template through its transforms; what it includes is read from the store here. */
#include "api/cloudformation.h"
#include "app/stacks/template_text.h"
#include "app/stacks/template_url.h"
#include "core/stack/transform.h"

static bool include(void *state, Str location, Json *out, Error *err)
{
    Call *call = state;
    Str url = str_printf(call->arena, "https://s3.amazonaws.com/%.*s",
                         STR(str_slice(location, S("s3://").n, location.n)));
    Str text;
    return template_url_read(call->server, &call->who, url, call->arena, &text, err) &&
           template_text_read(text, call->arena, out, err);
}

static Json pseudo_of(const Call *call, const StackRow *row)
{
    JsonObject o = {.a = call->arena};
    json_put_text(&o, S("AWS::AccountId"), row->account);
    json_put_text(&o, S("AWS::Region"), row->region);
    json_put_text(&o, S("AWS::StackId"), row->id);
    json_put_text(&o, S("AWS::StackName"), row->name);
    json_put_text(&o, S("AWS::Partition"), S("aws"));
    json_put_text(&o, S("AWS::URLSuffix"), S("amazonaws.com"));
    return json_object(&o);
}

bool cfn_transform(Call *call, const StackRow *row, const Template *head, const Json *values,
                   Json *root, Error *err)
{
    Json pseudo = pseudo_of(call, row);
    Json body = *root;
    StackScope s = {.a = call->arena,
                    .t = head,
                    .parameters = values,
                    .pseudo = &pseudo,
                    .bytes_left = STACK_VALUE_BYTES_MAX};
    return template_transform(&s, include, call, &body, root, err);
}
