/* jobflow_steps.c - StepConfigs: their sizes, their actions, and what they say. */
#include "base/encode.h"
#include "core/cluster/jobflow.h"

/* "The total characters of all strings in HadoopJarStep must not exceed 10,240." */
static int64_t characters(const Json *v)
{
    int64_t n = 0;
    if (json_is(v, JSON_STRING)) return utf8_count(json_text(v));
    if (json_is(v, JSON_ARRAY))
        for (int32_t i = 0; i < v->n; i++) n += characters(&v->items[i]);
    if (json_is(v, JSON_OBJECT))
        for (int32_t i = 0; i < v->n; i++) n += characters(&v->members[i].value);
    return n;
}

static void read_jar(const Json *jar, Arena *a, JobFlowStep *step)
{
    const Json *args = json_get(jar, S("Args")), *properties = json_get(jar, S("Properties"));
    step->jar = json_text(json_get(jar, S("Jar")));
    step->main_class = json_text(json_get(jar, S("MainClass")));
    for (int32_t i = 0; i < json_count(args); i++)
        *vec_push(a, &step->args) = json_text(json_at(args, i));
    for (int32_t i = 0; i < json_count(properties); i++) {
        const Json *p = json_at(properties, i);
        *vec_push(a, &step->properties) = (struct JobFlowPair){json_text(json_get(p, S("Key"))),
                                                               json_text(json_get(p, S("Value")))};
    }
}

static bool check_step(const JobFlowStep *step, int32_t i, int concurrency,
                       const JobFlowLimits *limits, Error *err)
{
    int64_t n = characters(json_get(step->request, S("HadoopJarStep")));
    if (!step->jar.n)
        return error_set(err, ERR_VALIDATION, "Steps[%d]: HadoopJarStep.Jar must not be empty.",
                         (int)i);
    if (n > limits->step_chars_max)
        return error_set(err, ERR_VALIDATION,
                         "Steps[%d]: the strings of HadoopJarStep have %" PRId64
                         " characters, more than %" PRId64 ".",
                         (int)i, n, limits->step_chars_max);
    if (concurrency > 1 && step->action != ACTION_CONTINUE)
        return error_set(err, ERR_VALIDATION,
                         "Steps[%d]: the ActionOnFailure setting %.*s is not valid. Only CONTINUE "
                         "can be used when the step "
                         "concurrency level of the cluster is greater than 1.",
                         (int)i, STR(states_action_name(step->action)));
    return true;
}

bool jobflow_steps(const Json *steps, int concurrency, const JobFlowLimits *limits, Arena *a,
                   JobFlowSteps *out, Error *err)
{
    JobFlowSteps list = {0};
    for (int32_t i = 0; i < json_count(steps); i++) {
        JobFlowStep *step = vec_push(a, &list);
        *step = (JobFlowStep){.request = json_at(steps, i), .action = ACTION_DEFAULT};
        Str action = json_text(json_get(step->request, S("ActionOnFailure")));
        step->name = json_text(json_get(step->request, S("Name")));
        if (action.n && !states_action_from(action, &step->action))
            return error_set(err, ERR_VALIDATION, "Steps[%d]: ActionOnFailure '%.*s' is not valid.",
                             (int)i, STR(action));
        read_jar(json_get(step->request, S("HadoopJarStep")), a, step);
        if (!check_step(step, i, concurrency, limits, err)) return false;
    }
    *out = list;
    return true;
}
