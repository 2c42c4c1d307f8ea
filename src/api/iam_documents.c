/* iam_documents.c - IAM's documents in the table of documents, by account and kind. */
#include "api/iam_documents.h"

#include "store/documents.h"

static Str kind_of(Call *call, const char *kind)
{
    return str_printf(call->arena, "iam-%s %.*s", kind, STR(call->who.account));
}

static IamDocument read(Call *call, const Document *d)
{
    Error err = {0};
    IamDocument out = {.name = d->name, .created = d->created};
    check(json_parse(d->content, call->arena, &out.content, &err));
    return out;
}

bool iam_document(Call *call, const char *kind, Str name, IamDocument *out)
{
    Document d;
    if (!document_find(call->server->db, kind_of(call, kind), S(""), name, call->arena, &d))
        return false;
    *out = read(call, &d);
    return true;
}

void iam_document_put(Call *call, const char *kind, const IamDocument *d)
{
    document_put(call->server->db, &(Document){.kind = kind_of(call, kind),
                                               .region = S(""),
                                               .name = d->name,
                                               .content = json_to_str(call->arena, &d->content),
                                               .created = d->created});
}

void iam_document_remove(Call *call, const char *kind, Str name)
{
    document_remove(call->server->db, kind_of(call, kind), S(""), name);
}

int64_t iam_document_list(Call *call, const char *kind, IamDocument **out)
{
    Document *all;
    int64_t n = document_list(call->server->db, kind_of(call, kind), S(""), call->arena, &all);
    *out = new_array(call->arena, IamDocument, n + 1);
    for (int64_t i = 0; i < n; i++) (*out)[i] = read(call, &all[i]);
    return n;
}

void iam_document_set(Call *call, IamDocument *d, const char *member, Json value)
{
    JsonObject o = {.a = call->arena};
    for (int32_t i = 0; i < json_count(&d->content); i++)
        if (!str_eq(d->content.members[i].key, str_from(member)))
            json_put(&o, d->content.members[i].key, d->content.members[i].value);
    json_put(&o, str_from(member), value);
    d->content = json_object(&o);
}
