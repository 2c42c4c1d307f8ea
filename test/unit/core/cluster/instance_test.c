/* instance_test.c - published prices and memory settings, and the scaling to a machine. */
#include "core/cluster/instance.h"
#include "test.h"

TEST(instance_knows_the_published_facts)
{
    static const struct {
        const char *name;
        int vcpu;
        int64_t gb_tenths, ec2, emr, yarn;
    } facts[] = {
        {"m5.xlarge", 4, 160, 192000, 48000, 12288},
        {"m5.2xlarge", 8, 320, 384000, 96000, 24576},
        {"m5.4xlarge", 16, 640, 768000, 192000, 57344},
        {"r5.xlarge", 4, 320, 252000, 63000, 24576},
        {"r5.2xlarge", 8, 640, 504000, 126000, 57344},
        {"c5.xlarge", 4, 80, 170000, 43000, 6144},
        {"c5.9xlarge", 36, 720, 1530000, 270000, 65536},
        {"m4.large", 2, 80, 100000, 30000, 6144},
        {"i3.xlarge", 4, 305, 312000, 78000, 23424},
        {"c4.8xlarge", 36, 600, 1591000, 270000, 53248},
        {"m6g.xlarge", 4, 160, 154000, 38500, 12288},
        {"g4dn.xlarge", 4, 160, 526000, 131500, 12288},
    };
    for (int i = 0; i < countof(facts); i++) {
        const InstanceType *t = instance_find(str_from(facts[i].name));
        if (!t) {
            test_fail(__FILE__, __LINE__, "no %s", facts[i].name);
            continue;
        }
        eq_int(t->vcpu, facts[i].vcpu);
        eq_int(t->memory_mb * 10, facts[i].gb_tenths * 1024);
        eq_int(t->ec2_micro, facts[i].ec2);
        eq_int(t->emr_micro, facts[i].emr);
        eq_int(instance_yarn_mb(t), facts[i].yarn);
    }
}

TEST(instance_unknown_is_an_error_in_emrs_words)
{
    Error err = {0};
    const InstanceType *type = NULL;
    ok(!instance_require(S("r7g.large"), &type, &err));
    eq_str(error_text(&err), S("Instance type 'r7g.large' is not supported."));
    ok(instance_require(S("m5.xlarge"), &type, &err) && type->vcpu == 4);
}

/* 1 + 2 m5.xlarge for 20 minutes: 3 * 0.24 / 3; idle for a day: 17.28 */
TEST(instance_cost_is_per_second_with_a_minute_at_least)
{
    const InstanceType *m5 = instance_find(S("m5.xlarge"));
    InstanceUse uses[] = {{m5, ROLE_MASTER, 1}, {m5, ROLE_CORE, 2}};
    eq_int(instance_cost_micro(uses, 2, 20 * 60 * 1000), 240000);
    eq_int(instance_cost_micro(uses, 2, 24 * 3600 * 1000), 17280000);
    eq_int(instance_cost_micro(uses, 2, 1), 12000);
    eq_int(instance_cost_micro(uses, 2, 60000), 12000);
    eq_int(instance_cost_micro(uses, 2, 60001), 12200);
    uses[0].count = 100 * 1000 - uses[1].count;
    int64_t century = (int64_t)100 * 365 * 24 * 3600 * 1000, hour = 3600 * 1000;
    ok(instance_cost_micro(uses, 2, century) / instance_cost_micro(uses, 2, hour) == 876000);
    eq_str(instance_money(test_arena(), 17280000), S("$17.28"));
    eq_str(instance_money(test_arena(), 12000), S("$0.01"));
    eq_str(instance_money(test_arena(), 830), S("$0.0008"));
}

TEST(instance_size_cuts_to_the_machine_and_says_so)
{
    const InstanceType *m5 = instance_find(S("m5.xlarge"));
    InstanceUse uses[] = {{m5, ROLE_MASTER, 1}, {m5, ROLE_CORE, 2}};
    InstanceSizing s = instance_size(uses, 2, 2, 4000, 1, test_arena());
    eq_int(s.cluster_vcpu, 8);
    eq_int(s.cluster_mb, 24576);
    eq_int(s.cores, 2);
    eq_int(s.driver_mb, 2400);
    eq_str(s.text, S("1 x m5.xlarge MASTER, 2 x m5.xlarge CORE offer Spark 8 vCPU and 24576 MB; "
                     "scaled to this machine "
                     "(2 cores, 4000 MB): local[2] with 2400 MB of memory"));
    s = instance_size(uses, 2, 64, 262144, 4, test_arena());
    eq_int(s.cores, 8);
    eq_int(s.driver_mb, 6144);
    s = instance_size(uses, 1, 64, 262144, 1, test_arena());
    eq_int(s.cores, 4);
    eq_int(s.driver_mb, 12288);
    s = instance_size(uses, 2, 1, 600, 4, test_arena());
    eq_int(s.driver_mb, INSTANCE_HEAP_MIN_MB);
}
