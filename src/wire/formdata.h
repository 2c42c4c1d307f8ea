/* formdata.h - multipart/form-data as browsers post files to S3: small fields first, then one file, handed on as it comes. */
#pragma once
#include "base/error.h"
#include "base/str.h"

/* RFC 7578, with S3's rules: what stands after the part named "file" is ignored, and all before it
 * is at most FORMDATA_HEAD_BYTES_MAX (20 KB).
 *
 *     FormData f;
 *     if (!formdata_open(&f, content_type)) ...            no boundary
 *     if (!formdata_feed(&f, bytes, sink, arg, &err)) ...  as often as bytes come; the file goes to
 * sink if (!formdata_end(&f, &err)) ...                     no more will come: was it all?
 *     formdata_value(&f, S("key"));
 *     formdata_close(&f);
 *
 * Any thread, one at a time. */
enum {
    FORMDATA_HEAD_BYTES_MAX = 20 * 1024,
    FORMDATA_FIELDS_MAX = 100,
    FORMDATA_BOUNDARY_MAX = 70,
};

typedef struct FormField {
    Str name, value; /* names as sent; S3 compares them without case */
} FormField;

typedef enum FormDataState { FORMDATA_HEAD, FORMDATA_FILE, FORMDATA_AFTER } FormDataState;

typedef struct FormData {
    Arena arena;
    FormDataState state;
    char delimiter[FORMDATA_BOUNDARY_MAX + 4]; /* CR LF - - boundary */
    int delimiter_n, matched;                  /* of the delimiter, at the end of what was fed */
    Buf head;
    int64_t parsed; /* of head: whole fields */
    FormField fields[FORMDATA_FIELDS_MAX];
    int fields_n;
    Str file_name; /* absent: not said */
} FormData;

typedef bool FormSink(void *arg, Str bytes, Error *err);

must_use bool formdata_open(FormData *f, Str content_type);
/* ERR_S3_MALFORMED_POST, ERR_S3_MAX_POST_LENGTH, or the sink's error. */
must_use bool formdata_feed(FormData *f, Str bytes, FormSink *sink, void *arg, Error *err);
must_use bool formdata_end(const FormData *f, Error *err);
Str formdata_value(const FormData *f, Str name); /* absent: no such field */
void formdata_close(FormData *f);
