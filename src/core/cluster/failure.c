/* failure.c - why a step failed, read from the last lines of its standard error as EMR's own analysis does. */
#include "core/cluster/failure.h"

#include "base/encode.h"

/* EMR's documented reasons, and the words by which they are recognised. */
static const struct {
    Str words, reason;
} known[] = {
    {STR_INIT("Input path does not exist"), STR_INIT("Input path does not exist.")},
    {STR_INIT("PATH_NOT_FOUND"), STR_INIT("Input path does not exist.")},
    {STR_INIT("Path does not exist"), STR_INIT("Input path does not exist.")},
    {STR_INIT("FileAlreadyExistsException"), STR_INIT("Output directory already exists.")},
    {STR_INIT("PATH_ALREADY_EXISTS"), STR_INIT("Output directory already exists.")},
    {STR_INIT("java.lang.ClassNotFoundException"), STR_INIT("Main Class not found.")},
    {STR_INIT("Failed to load class"), STR_INIT("Main Class not found.")},
    {STR_INIT("java.lang.IllegalArgumentException"), STR_INIT("Illegal Argument.")},
};

enum { MESSAGE_BYTES_MAX = 1000 };

/* Lines of a log or of a stack trace say less than the line that names the error. */
static bool is_noise(Str line)
{
    Str t = str_trim(line);
    bool logged = str_find(line, S(" INFO ")) > 0 || str_find(line, S(" WARN ")) > 0 ||
                  str_find(line, S(" DEBUG ")) > 0;
    return t.n == 0 || logged || str_starts(t, S("at ")) || str_starts(t, S("... ")) ||
           str_starts(t, S("File \""));
}

static bool names_error(Str line)
{
    int64_t colon = str_find_char(line, ':');
    if (str_starts(line, S("Exception in thread")) || str_starts(line, S("Caused by:")))
        return true;
    if (colon <= 0 || line.p[0] == ' ' || line.p[0] == '\t') return false;
    Str head = str_slice(line, 0, colon);
    return str_find_char(head, ' ') < 0 &&
           (str_ends(head, S("Error")) || str_ends(head, S("Exception")));
}

/* The last line that names an error, not what caused it; absent: none does. */
static Str error_line(Str tail)
{
    Str rest = tail, line, error = {0};
    while (str_cut(&rest, '\n', &line)) {
        bool cause = str_starts(line, S("Caused by:"));
        if (!is_noise(line) && names_error(line) && !(cause && error.n)) error = str_trim(line);
    }
    return error;
}

/* The last line that is none of a log's. */
static Str last_line(Str tail)
{
    Str rest = tail, line, last = {0};
    while (str_cut(&rest, '\n', &line))
        if (!is_noise(line)) last = str_trim(line);
    return last;
}

static Str known_reason(Str tail)
{
    for (int i = 0; i < countof(known); i++)
        if (str_find(tail, known[i].words) >= 0) return known[i].reason;
    return (Str){0};
}

void failure_explain(Str err_tail, Str out_tail, Arena *a, Str *reason, Str *message)
{
    Str line = error_line(err_tail);
    if (!line.n) line = error_line(out_tail);
    if (!line.n) line = last_line(err_tail);
    *reason = known_reason(err_tail);
    if (!reason->n) *reason = known_reason(out_tail);
    if (line.n > MESSAGE_BYTES_MAX) line.n = MESSAGE_BYTES_MAX;
    while (line.n && !utf8_valid(line)) line.n--;
    if (line.n) *message = str_copy(a, line);
}
