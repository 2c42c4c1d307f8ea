/* graph_test.c - the order of resources: references and DependsOn are respected, circles are named. */
#include "core/stack/graph.h"

#include "../../../test.h"

static bool graph_of(const char *resources, const char *conditions, StackGraph *g, Error *err)
{
    static Template t;
    Json root, c;
    Str text = str_printf(test_arena(), "{\"Resources\":%s}", resources);
    ok(json_parse(text, test_arena(), &root, err));
    ok(template_check(&root, test_arena(), &t, err));
    ok(json_parse(str_from(conditions), test_arena(), &c, err));
    return stack_graph(&t, &c, test_arena(), g, err);
}

static Str order_of(const char *resources, const char *conditions)
{
    StackGraph g;
    Error err = {0};
    StrVec names = {0};
    if (!graph_of(resources, conditions, &g, &err)) return str_copy(test_arena(), error_text(&err));
    for (int64_t i = 0; i < g.n; i++)
        *vec_push(test_arena(), &names) = g.resources[g.order[i]]->name;
    return str_join(test_arena(), names.p, names.n, S(" "));
}

#define R "\"Type\":\"AWS::S3::Bucket\""

TEST(graph_orders_by_every_kind_of_reference)
{
    eq_str(order_of("{\"A\":{" R ",\"DependsOn\":\"D\"},"
                    "\"B\":{" R ",\"Properties\":{\"x\":[{\"Ref\":\"A\"}]}},"
                    "\"C\":{" R ",\"Properties\":{\"x\":{\"Fn::GetAtt\":[\"B\",\"Arn\"]}}},"
                    "\"D\":{" R "},"
                    "\"E\":{" R
                    ",\"Properties\":{\"x\":{\"Fn::Sub\":\"${C.Arn}/${AWS::Region}\"}}}}",
                    "{}"),
           S("D A B C E"));
}

TEST(graph_leaves_out_what_conditions_leave_out)
{
    eq_str(order_of("{\"A\":{" R ",\"Condition\":\"Yes\"},\"B\":{" R ",\"Condition\":\"No\"},"
                    "\"C\":{" R ",\"DependsOn\":[\"B\",\"A\"]}}",
                    "{\"Yes\":true,\"No\":false}"),
           S("A C"));
}

TEST(graph_names_the_circle_and_not_what_leads_to_it)
{
    eq_str(order_of("{\"Before\":{" R "},"
                    "\"A\":{" R ",\"DependsOn\":[\"B\",\"Before\"]},"
                    "\"B\":{" R ",\"Properties\":{\"x\":{\"Ref\":\"C\"}}},"
                    "\"C\":{" R ",\"DependsOn\":\"A\"},\"After\":{" R ",\"DependsOn\":\"C\"}}",
                    "{}"),
           S("Circular dependency between resources: [A, B, C]"));
    eq_str(order_of("{\"A\":{" R ",\"Properties\":{\"x\":{\"Ref\":\"A\"}}}}", "{}"),
           S("Circular dependency between resources: [A]"));
}
