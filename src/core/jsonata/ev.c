/* ev.c - budget, growing arrays and texts, frames of variables: what every part of an evaluation stands on. */
#include "core/jsonata/ev.h"
#include "core/jsonata/text.h"

enum { NESTING_MAX = 512 }; /* of values: what is walked by recursion */

static bool exhausted(Ev *ev, Str what)
{
    return jn_fail_with(ev, (Failure){.code = "U1001", .text = what, .position = -1});
}

bool jn_steps(Ev *ev, int64_t n)
{
    ev->steps += n;
    if (ev->spent) return exhausted(ev, S("bytes"));
    return ev->steps <= ev->steps_max || exhausted(ev, S("steps"));
}

bool jn_step(Ev *ev)
{
    return jn_steps(ev, 1);
}

static bool room(Ev *ev, int64_t bytes)
{
    if (ev->spent || bytes > ev->bytes_max - ev->bytes)
        ev->spent = true;
    else
        ev->bytes += bytes;
    return !ev->spent;
}

bool jn_room(Ev *ev, int64_t bytes)
{
    return room(ev, bytes) || exhausted(ev, S("bytes"));
}

void *jn_take(Ev *ev, int64_t count, size_t size)
{
    room(ev, count * (int64_t)size);
    return arena_alloc(ev->a, count, size, alignof(max_align_t));
}

bool jn_enter(Ev *ev)
{
    if (ev->depth >= ev->depth_max) return exhausted(ev, S("depth"));
    ev->depth++;
    if (jn_step(ev)) return true;
    ev->depth--;
    return false;
}

bool jn_enter_call(Ev *ev)
{
    if (ev->calls >= ev->depth_max) return exhausted(ev, S("depth"));
    ev->calls++;
    return true;
}

bool jn_nesting(Ev *ev, int depth)
{
    return depth <= NESTING_MAX || exhausted(ev, S("nesting"));
}

static bool seq_grow(Seq *s, int64_t more)
{
    int64_t cap = s->cap ? s->cap : 4;
    while (cap < s->n + more) cap *= 2;
    if (!room(s->ev, cap * (int64_t)sizeof(Value))) return false;
    s->p = arena_grow(s->ev->a, s->p, s->cap, cap, sizeof(Value), alignof(Value));
    s->cap = (int32_t)cap;
    return true;
}

void jn_push(Seq *s, Value v)
{
    if (s->n == s->cap && !seq_grow(s, 1)) return;
    s->p[s->n++] = v;
}

bool jn_push_all(Seq *s, Value array)
{
    if (!jn_steps(s->ev, array.n / 8)) return false;
    if (array.n > s->cap - s->n && !seq_grow(s, array.n)) return jn_step(s->ev);
    for (int32_t i = 0; i < array.n; i++) s->p[s->n++] = jn_v_at(array, i);
    return true;
}

Value jn_single(Ev *ev, Value item, int flags)
{
    Value *items = jn_take(ev, 1, sizeof *items);
    *items = item;
    return v_items(items, 1, flags);
}

Value jn_array_of(Ev *ev, Value v)
{
    if (is_array(v)) return v;
    if (is_undefined(v)) return v_items(NULL, 0, 0);
    return jn_single(ev, v, 0);
}

static bool add(Seq *s, Value v)
{
    if (is_array(v)) return jn_push_all(s, v);
    jn_push(s, v);
    return true;
}

bool jn_append(Ev *ev, Value x, Value y, Value *out)
{
    Seq joined = {.ev = ev};
    if (is_undefined(x) || is_undefined(y)) {
        *out = is_undefined(x) ? y : x;
        return true;
    }
    if (!add(&joined, x) || !add(&joined, y)) return false;
    *out = jn_seq(&joined, 0);
    return true;
}

void jn_put(Text *t, Str s)
{
    if (t->n + s.n > t->cap) {
        int64_t cap = t->cap ? t->cap * 2 : 32;
        while (cap < t->n + s.n) cap *= 2;
        if (!room(t->ev, cap)) return;
        t->p = arena_grow(t->ev->a, t->p, t->cap, cap, 1, 1);
        t->cap = cap;
    }
    if (s.n > 0) memcpy(t->p + t->n, s.p, (size_t)s.n);
    t->n += s.n;
}

void jn_putc(Text *t, char c)
{
    jn_put(t, (Str){&c, 1});
}

void jn_put_rune(Text *t, int32_t rune)
{
    char bytes[4];
    jn_put(t, (Str){bytes, jn_encode_rune(rune, bytes)});
}

bool jn_text(Text *t, Value *out)
{
    if (t->ev->spent) return jn_step(t->ev);
    *out = v_string(jn_str(t));
    return true;
}

bool jn_string(Ev *ev, Str s, Value *out)
{
    Text t = {.ev = ev};
    jn_put(&t, s);
    return jn_text(&t, out);
}

Frame *jn_frame(Ev *ev, Frame *up)
{
    Frame *f = jn_take(ev, 1, sizeof *f);
    f->up = up;
    return f;
}

Frame *jn_frame_of(Ev *ev, Frame *up, const Tuple *tuple)
{
    Frame *f = jn_frame(ev, up);
    f->p = tuple->p;
    f->n = tuple->n;
    return f;
}

static void frame_grow(Ev *ev, Frame *f)
{
    int32_t cap = f->n ? f->n * 2 : 4;
    Bind *p = jn_take(ev, cap, sizeof *p);
    if (f->n) memcpy(p, f->p, (size_t)f->n * sizeof *p);
    f->p = p;
    f->cap = cap;
}

void jn_bind(Ev *ev, Frame *f, Str name, Value value)
{
    if (f->n >= f->cap) frame_grow(ev, f);
    for (int32_t i = 0; i < f->n; i++) {
        if (!str_eq(f->p[i].name, name)) continue;
        f->p[i].value = value;
        return;
    }
    f->p[f->n++] = (Bind){name, value};
}

bool jn_lookup(const Frame *f, Str name, Value *out)
{
    for (; f; f = f->up)
        for (int32_t i = 0; i < f->n; i++) {
            if (!str_eq(f->p[i].name, name)) continue;
            *out = f->p[i].value;
            return true;
        }
    return false;
}
