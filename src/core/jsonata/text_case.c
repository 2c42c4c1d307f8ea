/* text_case.c - upper and lower case of one letter, by the Unicode tables, without a locale. */
#include "core/jsonata/case_table.h"
#include "core/jsonata/text.h"

static int32_t by_runs(const CaseRun *runs, int n, int32_t rune)
{
    int low = 0, high = n;
    while (low < high) {
        int middle = (low + high) / 2;
        if (runs[middle].last < rune)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == n || rune < runs[low].first || (rune - runs[low].first) % runs[low].step)
        return rune;
    return rune + runs[low].delta;
}

static int by_specials(const CaseSpecial *specials, int n, int32_t rune,
                       int32_t out[CASE_RUNES_MAX])
{
    int count = 0;
    for (int i = 0; i < n; i++) {
        if (specials[i].rune != rune) continue;
        while (count < CASE_RUNES_MAX && specials[i].to[count]) {
            out[count] = specials[i].to[count];
            count++;
        }
    }
    return count;
}

int jn_rune_upper(int32_t rune, int32_t out[CASE_RUNES_MAX])
{
    if (rune < 0x80) {
        out[0] = rune >= 'a' && rune <= 'z' ? rune - 32 : rune;
        return 1;
    }
    int count = by_specials(upper_specials, countof(upper_specials), rune, out);
    if (count) return count;
    out[0] = by_runs(upper_runs, countof(upper_runs), rune);
    return 1;
}

int jn_rune_lower(int32_t rune, int32_t out[CASE_RUNES_MAX])
{
    if (rune < 0x80) {
        out[0] = rune >= 'A' && rune <= 'Z' ? rune + 32 : rune;
        return 1;
    }
    int count = by_specials(lower_specials, countof(lower_specials), rune, out);
    if (count) return count;
    out[0] = by_runs(lower_runs, countof(lower_runs), rune);
    return 1;
}
