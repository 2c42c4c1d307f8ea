/* iam_documents.h - private to api/iam*.c: what IAM keeps and gives back without acting on it, one document each. */
#pragma once
#include "api/iam.h"
#include "base/json.h"

/* Of one account; kind: "oidc", "saml", "login", "password-policy". */
typedef struct IamDocument {
    Str name;
    Json content; /* an object */
    Millis created;
} IamDocument;

must_use bool iam_document(Call *call, const char *kind, Str name, IamDocument *out);
void iam_document_put(Call *call, const char *kind, const IamDocument *d);
void iam_document_remove(Call *call, const char *kind, Str name);
int64_t iam_document_list(Call *call, const char *kind, IamDocument **out); /* by name */
/* The content with one member set; absent members stay. */
void iam_document_set(Call *call, IamDocument *d, const char *member, Json value);
