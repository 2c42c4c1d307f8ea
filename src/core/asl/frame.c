/* frame.c - the small members of a frame as one line of text, for hosts that keep them in one column. */
#include "core/asl/execution.h"

typedef struct Member {
    size_t at;
    int bytes; /* 4 or 8 */
} Member;
#define MEMBER(name)                                                                               \
    {                                                                                              \
        offsetof(AslFrame, name), (int)sizeof((AslFrame){0}.name)                                  \
    }
static const Member members[] = {
    MEMBER(id),
    MEMBER(parent),
    MEMBER(group),
    MEMBER(index),
    MEMBER(flow),
    MEMBER(state),
    MEMBER(phase),
    MEMBER(attempt),
    MEMBER(last_event),
    MEMBER(before_event),
    MEMBER(entered_event),
    MEMBER(entered),
    MEMBER(retry_count),
    MEMBER(children_first),
    MEMBER(children_n),
    MEMBER(children_started),
    MEMBER(children_ended),
    MEMBER(children_max),
    MEMBER(heartbeat_seconds),
    MEMBER(heartbeat_due),
};

static int64_t get(const AslFrame *f, Member m)
{
    int32_t small;
    int64_t value;
    const char *p = (const char *)f + m.at;
    if (m.bytes == 8) return memcpy(&value, p, sizeof value), value;
    return memcpy(&small, p, sizeof small), small;
}

static void set(AslFrame *f, Member m, int64_t value)
{
    int32_t small = (int32_t)value;
    memcpy((char *)f + m.at, m.bytes == 8 ? (const void *)&value : (const void *)&small,
           (size_t)m.bytes);
}

/* Numbers and blanks: the members in the order of the table, then the retriers' counts. */
Str asl_frame_pack(Arena *a, const AslFrame *f)
{
    Buf b = {.a = a};
    for (int i = 0; i < countof(members); i++) buf_printf(&b, "%" PRId64 " ", get(f, members[i]));
    for (int i = 0; i < ASL_RETRIERS_MAX; i++)
        buf_printf(&b, "%s%" PRId32, i ? " " : "", f->retries[i]);
    return buf_str(&b);
}

static bool next_number(Str *rest, int64_t *out)
{
    Str word;
    return str_cut(rest, ' ', &word) && str_to_int(word, out);
}

bool asl_frame_unpack(Str text, AslFrame *out)
{
    AslFrame f = *out;
    int64_t value;
    for (int i = 0; i < countof(members); i++) {
        if (!next_number(&text, &value)) return false;
        set(&f, members[i], value);
    }
    for (int i = 0; i < ASL_RETRIERS_MAX; i++) {
        if (!next_number(&text, &value)) return false;
        f.retries[i] = (int32_t)value;
    }
    if (f.phase < ASL_PENDING || f.phase > ASL_BROKEN) return false;
    *out = f;
    return true;
}
