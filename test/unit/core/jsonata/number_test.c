/* number_test.c - doubles as JavaScript writes and rounds them. */
#include "core/jsonata/number.h"
#include "test.h"
#include <math.h>

static Str text(double x)
{
    static char out[NUMBER_TEXT_MAX];
    return jn_number_text(x, out);
}

/* The values are those that ECMA-262's Number::toString and its notes give. */
TEST(jsonata_numbers_are_written_as_javascript_does)
{
    const struct {
        double x;
        const char *want;
    } cases[] = {{0, "0"},
                 {-0.0, "0"},
                 {1, "1"},
                 {-1.5, "-1.5"},
                 {0.1 + 0.2, "0.30000000000000004"},
                 {1e21, "1e+21"},
                 {1e20, "100000000000000000000"},
                 {123456789012345680000.0, "123456789012345680000"},
                 {1e-6, "0.000001"},
                 {1e-7, "1e-7"},
                 {1.5e-7, "1.5e-7"},
                 {5e-324, "5e-324"},
                 {1.7976931348623157e308, "1.7976931348623157e+308"},
                 {1 / 3.0, "0.3333333333333333"},
                 {0x1p-44, "5.684341886080802e-14"},
                 {9007199254740993.0, "9007199254740992"},
                 {4.35, "4.35"},
                 {2.2250738585072014e-308, "2.2250738585072014e-308"},
                 {1e15, "1000000000000000"}};
    for (int i = 0; i < countof(cases); i++) eq_str(text(cases[i].x), str_from(cases[i].want));
}

TEST(jsonata_numbers_read_back)
{
    uint64_t state = 1;
    for (int i = 0; i < 20000; i++) {
        double x;
        state = state * 6364136223846793005u + 1442695040888963407u;
        memcpy(&x, &state, sizeof x);
        if (!isfinite(x)) continue;
        ok(strtod(str_z(test_arena(), text(x)), NULL) == x);
    }
}

TEST(jsonata_fifteen_digits_hide_binary_noise)
{
    ok(jn_fifteen_digits(0.1 + 0.2) == 0.3);
    ok(jn_fifteen_digits(90.57000000000001) == 90.57);
    ok(jn_fifteen_digits(999999999999999.5) == 1e15);
    ok(jn_fifteen_digits(-1 / 3.0) == -0.333333333333333);
    ok(jn_fifteen_digits(1e300) == 1e300);
}

TEST(jsonata_rounds_half_to_even)
{
    const struct {
        double x;
        int precision;
        double want;
    } cases[] = {{2.5, 0, 2},   {3.5, 0, 4},        {-0.5, 0, 0},      {4.525, 2, 4.52},
                 {1.005, 2, 1}, {12450, -2, 12400}, {1e300, 2, 1e300}, {6.022e-23, 24, 6e-23}};
    for (int i = 0; i < countof(cases); i++)
        ok(jn_round(cases[i].x, cases[i].precision) == cases[i].want);
    ok(!signbit(jn_round(-0.2, 0)));
}
