/* route_test.c - an alias's versions are chosen in proportion to their weights, by the event's chance alone. */
#include "core/asl/route.h"

#include "../../../test.h"

TEST(each_weight_gets_its_share_of_the_chances)
{
    static const int32_t cases[][2] = {{100, 0}, {0, 100}, {50, 50}, {90, 10}, {1, 99}};
    for (int i = 0; i < countof(cases); i++) {
        int32_t got[2] = {0};
        for (uint64_t chance = 0; chance < 100; chance++) got[asl_route(cases[i], 2, chance)]++;
        eq_int(got[0], cases[i][0]);
        eq_int(got[1], cases[i][1]);
    }
}

TEST(the_same_chance_leads_to_the_same_version)
{
    static const int32_t weights[] = {30, 70}, one[] = {100};
    for (uint64_t chance = 0; chance < 1000; chance += 7)
        eq_int(asl_route(weights, 2, chance), asl_route(weights, 2, chance + 100));
    eq_int(asl_route(one, 1, UINT64_MAX), 0);
}
