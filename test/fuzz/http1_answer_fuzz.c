/* http1_answer_fuzz.c - the head of an answer: says the same however it was cut, and never more than was given. */
#include "wire/http1_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    HttpAnswer whole, part;
    Str in = {(const char *)data, (int64_t)n};
    if (!n) return 0;
    int64_t head = http1_answer_parse(in, data[0] & 1, &whole);
    check(head <= in.n);
    if (head <= 0) return 0;
    check(whole.status >= 100 && whole.status <= 999 && whole.length >= 0);
    check(http1_answer_parse(str_slice(in, 0, head), data[0] & 1, &part) == head);
    check(part.headers_n == whole.headers_n && part.body == whole.body);
    check(http1_answer_parse(str_slice(in, 0, head - 1), data[0] & 1, &part) == 0);
    return 0;
}
