/* error.c - the table of error names and statuses, and the formatting of error texts. */
#include "base/error.h"

#include "base/str.h"

static const struct {
    const char *name;
    int status;
} errors[ERR_COUNT] = {[ERR_NONE] = {"None", 200},
#define X(code, name, status) [code] = {name, status},
                       ERROR_TABLE(X)
#undef X
};

/* A cut in the middle of a UTF-8 character would make the whole response unreadable. */
static void trim_broken_tail(char *text, size_t n)
{
    while (n && ((unsigned char)text[n - 1] & 0xc0) == 0x80) n--;
    if (n && (unsigned char)text[n - 1] >= 0xc0) n--;
    text[n] = 0;
}

void error_fill(Error *err, ErrorCode code, const char *fmt, ...)
{
    check(code > ERR_NONE && code < ERR_COUNT);
    va_list ap;
    va_start(ap, fmt);
    err->code = code;
    int n = vsnprintf(err->text, sizeof err->text, fmt, ap);
    va_end(ap);
    if (n >= (int)sizeof err->text) trim_broken_tail(err->text, sizeof err->text - 1);
    err->n = (int32_t)strlen(err->text);
}

bool error_set_text(Error *err, ErrorCode code, Str text)
{
    error_fill(err, code, "%.*s", STR(text));
    if (text.n >= (int64_t)sizeof err->text) return false;
    memcpy(err->text, text.p, (size_t)text.n);
    err->n = (int32_t)text.n;
    err->text[err->n] = 0;
    return false;
}

Str error_name(ErrorCode code)
{
    check(code >= ERR_NONE && code < ERR_COUNT);
    return str_from(errors[code].name);
}

int error_status(ErrorCode code)
{
    check(code >= ERR_NONE && code < ERR_COUNT);
    return errors[code].status;
}

Str error_text(const Error *err)
{
    return err->n ? (Str){err->text, err->n} : str_from(err->text);
}
