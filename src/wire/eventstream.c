/* eventstream.c - writes messages of application/vnd.amazon.eventstream. */
#include "wire/eventstream.h"

#include "wire/crc.h"

enum { FRAME_BYTES = 16, TYPE_TEXT = 7 };

static void put_number(Buf *b, uint32_t n, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--) buf_putc(b, (char)(n >> 8 * i & 0xff));
}

static void put_header(Buf *b, const EventStreamHeader *h)
{
    put_number(b, (uint32_t)h->name.n, 1);
    buf_put(b, h->name);
    put_number(b, TYPE_TEXT, 1);
    put_number(b, (uint32_t)h->value.n, 2);
    buf_put(b, h->value);
}

static uint32_t crc_since(const Buf *b, int64_t from)
{
    return crc32_add(0, str_slice(buf_str(b), from, b->n));
}

void eventstream_put_message(Buf *b, const EventStreamHeader *headers, int n, Str payload)
{
    Buf h = {.a = b->a};
    int64_t from = b->n;
    for (int i = 0; i < n; i++) put_header(&h, &headers[i]);
    put_number(b, (uint32_t)(FRAME_BYTES + h.n + payload.n), 4);
    put_number(b, (uint32_t)h.n, 4);
    put_number(b, crc_since(b, from), 4);
    buf_put(b, buf_str(&h));
    buf_put(b, payload);
    put_number(b, crc_since(b, from), 4);
}

void eventstream_put(Buf *b, Str event_type, Str content_type, Str payload)
{
    const EventStreamHeader headers[] = {{S(":message-type"), S("event")},
                                         {S(":event-type"), event_type},
                                         {S(":content-type"), content_type}};
    eventstream_put_message(b, headers, countof(headers), payload);
}
