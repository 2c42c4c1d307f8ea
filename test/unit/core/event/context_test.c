/* context_test.c - context attributes of schedules' inputs: each of them, unknown ones, unfinished ones. */
#include "../../../test.h"
#include "core/event/context.h"

static const ScheduleContext context = {STR_INIT("arn:x"), STR_INIT("d32c"), 1647975583999, 2};

TEST(context_each_attribute_is_replaced_wherever_it_stands)
{
    eq_str(context_replace(test_arena(),
                           S("<aws.scheduler.scheduled-time>|<aws.scheduler.schedule-arn>|"
                             "<aws.scheduler.execution-id><aws.scheduler.attempt-number>."),
                           &context),
           S("2022-03-22T18:59:43Z|arn:x|d32c2."));
}

TEST(context_what_is_none_of_them_stays)
{
    eq_str(context_replace(test_arena(), S("{\"a\": \"<b>\"}"), &context), S("{\"a\": \"<b>\"}"));
    eq_str(context_replace(test_arena(), S("<aws.scheduler.other> <aws.scheduler."), &context),
           S("<aws.scheduler.other> <aws.scheduler."));
    eq_str(
        context_replace(test_arena(), S("<aws.scheduler.<aws.scheduler.execution-id>"), &context),
        S("<aws.scheduler.d32c"));
}
