/* regex.c - regular expressions as JavaScript has them, on pcre2, with a limit on what a match may cost. */
#include "core/jsonata/regex.h"
#include "base/encode.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* pcre2 counts backtracking from each place where a match could begin, and does not tell. So a
 * search begins with a low limit, goes on with a higher one when that was not enough, and pays for
 * what the limit allowed. */
enum {
    LIMIT_FIRST = 32,
    LIMIT_FACTOR = 8,
    LIMIT_MAX = 1 << 21,
    LIMIT_PER_STEP = 16,
    SEARCH_STEPS = 4
};
enum { HEAP_KIB_MAX = 8 << 10, GROUPS_MAX = 1000, NEST_MAX = 200 };

struct Regex {
    pcre2_code *code;
    Str source;
    int groups;
};

/* Of one evaluation: match data serves all its searches. */
struct RegexRun {
    pcre2_general_context *memory;
    pcre2_match_context *limits;
    pcre2_match_data *data;
    int groups;
    RegexSpan *spans;
    Str checked; /* the subject whose UTF-8 was found good */
    bool good;
};

/* pcre2 allocates from the arena, which frees everything at once. */
static void *take(size_t bytes, void *arena)
{
    return arena_alloc(arena, (int64_t)bytes, 1, alignof(max_align_t));
}

static void give_back(void *p, void *arena)
{
    (void)p, (void)arena;
}

/* JavaScript's syntax into pcre2's. What only one of them knows is taken out or refused. */
typedef struct Translation {
    Str in;
    int64_t at;
    Buf out;
    bool in_class;
    const char *why;
} Translation;

#define SPACES                                                                                     \
    "\\t-\\r "                                                                                     \
    "\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}\\x{feff}"

static char peek(const Translation *t, int64_t ahead)
{
    return t->at + ahead < t->in.n ? t->in.p[t->at + ahead] : 0;
}

static bool refuse(Translation *t, const char *why)
{
    t->why = why;
    return false;
}

static void copy(Translation *t, int64_t n)
{
    buf_put(&t->out, str_slice(t->in, t->at, t->at + n));
    t->at += n;
}

static int64_t hex_run(const Translation *t, int64_t from, int64_t most)
{
    int64_t n = 0;
    while (n < most && hex_digit(peek(t, from + n)) >= 0) n++;
    return n;
}

/* \xHH and \uHHHH; without their digits they are the letters. */
static void hex_escape(Translation *t, int64_t digits)
{
    if (hex_run(t, 2, digits) == digits) {
        buf_printf(&t->out, "\\x{%.*s}", (int)digits, t->in.p + t->at + 2);
        t->at += 2 + digits;
        return;
    }
    buf_putc(&t->out, peek(t, 1));
    t->at += 2;
}

/* \uD83D\uDE00 is one character. */
static bool surrogate_pair(Translation *t)
{
    if (hex_run(t, 2, 4) != 4 || peek(t, 6) != '\\' || peek(t, 7) != 'u' || hex_run(t, 8, 4) != 4)
        return false;
    int32_t high =
        (int32_t)strtol(str_z(t->out.a, str_slice(t->in, t->at + 2, t->at + 6)), NULL, 16);
    int32_t low =
        (int32_t)strtol(str_z(t->out.a, str_slice(t->in, t->at + 8, t->at + 12)), NULL, 16);
    if (high < 0xd800 || high >= 0xdc00 || low < 0xdc00 || low >= 0xe000) return false;
    buf_printf(&t->out, "\\x{%x}", (unsigned)(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)));
    t->at += 12;
    return true;
}

static void space_escape(Translation *t, bool negated)
{
    if (t->in_class && negated)
        buf_put(&t->out, S("\\S"));
    else if (t->in_class)
        buf_put(&t->out, S(SPACES));
    else
        buf_put(&t->out, negated ? S("[^" SPACES "]") : S("[" SPACES "]"));
    t->at += 2;
}

static void literal_escape(Translation *t)
{
    t->at++;
    int n = utf8_length(str_slice(t->in, t->at, t->in.n));
    bool word =
        (peek(t, 0) >= 'a' && peek(t, 0) <= 'z') || (peek(t, 0) >= 'A' && peek(t, 0) <= 'Z');
    if (n == 1 && !word) buf_putc(&t->out, '\\');
    copy(t, n ? n : 1);
}

static bool put_escape(Translation *t, Str text)
{
    buf_put(&t->out, text);
    t->at += 2;
    return true;
}

static bool known_escape(Translation *t, int64_t n)
{
    copy(t, n);
    return true;
}

static bool escape(Translation *t)
{
    char c = peek(t, 1);
    if (!c) return refuse(t, "a backslash at the end");
    if (c == 'v') return put_escape(t, S("\\x0b"));
    if (c == '0') return put_escape(t, S("\\x00"));
    if (c == 'k' && peek(t, 2) == '<') return known_escape(t, 2);
    if (c == 'c') return known_escape(t, peek(t, 2) ? 3 : 2);
    if (strchr("bBdDwWnrtf123456789", c)) return known_escape(t, 2);
    if (c == 'u' && surrogate_pair(t)) return true;
    if (c == 's' || c == 'S')
        space_escape(t, c == 'S');
    else if (c == 'u' || c == 'x')
        hex_escape(t, c == 'u' ? 4 : 2);
    else
        literal_escape(t);
    return true;
}

/* (?: (?= (?! (?<= (?<! (?<name> and nothing else. */
static bool group(Translation *t)
{
    bool named = peek(t, 1) == '?' && peek(t, 2) == '<' && peek(t, 3) != '=' && peek(t, 3) != '!';
    if (peek(t, 1) == '*') return refuse(t, "nothing to repeat");
    if (peek(t, 1) == '?' && !strchr(":=!<", peek(t, 2) ? peek(t, 2) : '#'))
        return refuse(t, "an invalid group");
    if (named && hex_digit(peek(t, 3)) >= 0 && peek(t, 3) <= '9')
        return refuse(t, "an invalid group name");
    copy(t, peek(t, 1) == '?' ? 3 : 1);
    return true;
}

/* Whether the } here ends {n}, {n,} or {n,m}. */
static bool ends_quantifier(const Translation *t)
{
    int64_t at = t->at - 1;
    while (at > 0 && ((t->in.p[at] >= '0' && t->in.p[at] <= '9') || t->in.p[at] == ',')) at--;
    return at >= 0 && at < t->at - 1 && t->in.p[at] == '{';
}

/* a++, a?+ and a{2}+ mean something only to pcre2. */
static bool quantifier(Translation *t)
{
    bool repeats = peek(t, 0) != '}' || ends_quantifier(t);
    copy(t, 1);
    if (repeats && peek(t, 0) == '+') return refuse(t, "nothing to repeat");
    return true;
}

static bool in_class(Translation *t)
{
    if (peek(t, 0) == '[') {
        buf_putc(&t->out, '\\');
    } else if (peek(t, 0) == ']') {
        t->in_class = false;
    }
    copy(t, 1);
    return true;
}

static bool one(Translation *t)
{
    char c = peek(t, 0);
    if (c == '\\') return escape(t);
    if (t->in_class) return in_class(t);
    if (c == '(') return group(t);
    if (c == '*' || c == '+' || c == '?' || c == '}') return quantifier(t);
    if (c == '[') t->in_class = true;
    copy(t, c == '[' && peek(t, 1) == '^' ? 2 : 1);
    return true;
}

static bool translate(Arena *a, Str pattern, Str *out, const char **why)
{
    Translation t = {.in = pattern, .out = {.a = a}};
    while (t.at < t.in.n) {
        if (one(&t)) continue;
        *why = t.why;
        return false;
    }
    *out = buf_str(&t.out);
    return true;
}

static pcre2_code *compile(Arena *a, Str pattern, uint32_t options, const char **why)
{
    int error;
    size_t offset;
    static const PCRE2_UCHAR nothing[] = "";
    pcre2_general_context *memory = pcre2_general_context_create(take, give_back, a);
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    pcre2_set_newline(context, PCRE2_NEWLINE_ANYCRLF);
    pcre2_set_parens_nest_limit(context, NEST_MAX);
    pcre2_code *code = pcre2_compile(pattern.n ? (PCRE2_SPTR)pattern.p : nothing, (size_t)pattern.n,
                                     options, &error, &offset, context);
    if (code) return code;
    PCRE2_UCHAR *text = take(200, a);
    pcre2_get_error_message(error, text, 200);
    *why = (const char *)text;
    return NULL;
}

const Regex *jn_regex_compile(Arena *a, Str pattern, bool ignore_case, bool lines, const char **why)
{
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_MATCH_UNSET_BACKREF |
                       PCRE2_ALLOW_EMPTY_CLASS | PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_BACKSLASH_C |
                       PCRE2_DUPNAMES;
    uint32_t groups;
    Str translated;
    if (ignore_case) options |= PCRE2_CASELESS;
    if (lines) options |= PCRE2_MULTILINE;
    if (!translate(a, pattern, &translated, why)) return NULL;
    pcre2_code *code = compile(a, translated, options, why);
    if (!code) return NULL;
    pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
    if (groups > GROUPS_MAX) {
        *why = "too many groups";
        return NULL;
    }
    Regex *regex = new (a, Regex);
    *regex = (Regex){.code = code, .source = pattern, .groups = (int)groups};
    return regex;
}

int jn_regex_groups(const Regex *regex)
{
    return regex->groups;
}

static struct RegexRun *run_of(Ev *ev, int groups)
{
    struct RegexRun *run = ev->regex;
    if (run && run->groups >= groups) return run;
    run = jn_take(ev, 1, sizeof *run);
    run->groups = groups < 8 ? 8 : groups;
    run->memory = pcre2_general_context_create(take, give_back, ev->a);
    run->limits = pcre2_match_context_create(run->memory);
    run->data = pcre2_match_data_create((uint32_t)run->groups + 1, run->memory);
    run->spans = jn_take(ev, run->groups + 1, sizeof *run->spans);
    pcre2_set_heap_limit(run->limits, HEAP_KIB_MAX);
    return ev->regex = run;
}

/* A long subject is checked once, not with each of its matches. */
static bool well_formed(struct RegexRun *run, Str subject)
{
    if (run->checked.p != subject.p || run->checked.n != subject.n) run->good = utf8_valid(subject);
    run->checked = subject;
    return run->good;
}

static void fill_spans(struct RegexRun *run, int count, int groups)
{
    const size_t *offsets = pcre2_get_ovector_pointer(run->data);
    for (int i = 0; i <= groups; i++) {
        bool set = i < count && offsets[2 * i] != PCRE2_UNSET;
        run->spans[i] = set ? (RegexSpan){(int64_t)offsets[2 * i], (int64_t)offsets[2 * i + 1]}
                            : (RegexSpan){-1, -1};
    }
}

static bool search(Ev *ev, const Regex *regex, Str subject, int64_t from, int *count)
{
    struct RegexRun *run = ev->regex;
    uint32_t options = well_formed(run, subject) ? PCRE2_NO_UTF_CHECK : 0;
    PCRE2_SPTR text = (PCRE2_SPTR)(subject.p ? subject.p : "");
    for (int64_t limit = LIMIT_FIRST; limit <= LIMIT_MAX; limit *= LIMIT_FACTOR) {
        pcre2_set_match_limit(run->limits, (uint32_t)limit);
        *count = pcre2_match(regex->code, text, (size_t)subject.n, (size_t)from, options, run->data,
                             run->limits);
        int64_t end = *count > 0 ? (int64_t)pcre2_get_ovector_pointer(run->data)[1] : subject.n;
        if (!jn_steps(ev, SEARCH_STEPS + (end - from) * (1 + limit / LIMIT_PER_STEP))) return false;
        if (*count != PCRE2_ERROR_MATCHLIMIT) break;
    }
    return true;
}

bool jn_regex_search(Ev *ev, const Regex *regex, Str subject, int64_t from, bool *found,
                     const RegexSpan **spans)
{
    int count = 0;
    struct RegexRun *run = run_of(ev, regex->groups);
    if (!search(ev, regex, subject, from, &count)) return false;
    *found = count > 0;
    if (count == PCRE2_ERROR_NOMATCH) return true;
    if (count < 0)
        return jn_fail_with(ev, (Failure){.code = "U1001",
                                          .text = S("regular expression matching"),
                                          .position = -1,
                                          .token = regex->source});
    fill_spans(run, count, regex->groups);
    *spans = run->spans;
    return true;
}
