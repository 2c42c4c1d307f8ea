/* command_log.c - the controller log of a step, in the form EMR's step runner writes it. */
#include "base/time.h"
#include "core/cluster/command.h"

Str command_log_started(Arena *a, const CommandStep *step, const CommandPlan *plan, Str stdout_path,
                        Str stderr_path, Str work, int64_t pid, Millis now)
{
    Buf b = {.a = a};
    Str t = time_iso8601(a, now);
    buf_printf(&b, "%.*s INFO Ensure step %" PRId64 " jar file %.*s\n", STR(t), step->number,
               STR(step->jar));
    buf_printf(&b, "%.*s INFO StepRunner: Created Runner for step %" PRId64 "\n", STR(t),
               step->number);
    buf_printf(&b, "INFO startExec '%.*s'\nINFO Environment:\n", STR(plan->shown));
    for (int64_t i = 0; i < plan->env.n; i++)
        buf_printf(&b, "  %.*s=%.*s\n", STR(plan->env.p[i].key), STR(plan->env.p[i].value));
    buf_printf(&b, "INFO redirectOutput to %.*s\nINFO redirectError to %.*s\n", STR(stdout_path),
               STR(stderr_path));
    buf_printf(&b, "INFO Working dir %.*s\n", STR(work));
    if (plan->argv.n)
        buf_printf(&b, "INFO runs here as: %.*s\n",
                   STR(str_join(a, plan->argv.p, plan->argv.n, S(" "))));
    buf_printf(&b, "INFO ProcessRunner started child process %" PRId64 "\n", pid);
    buf_printf(
        &b,
        "%.*s INFO HadoopJarStepRunner.Runner: startRun() called for %.*s Child Pid: %" PRId64 "\n",
        STR(t), STR(step->id), pid);
    buf_printf(&b, "INFO Synchronously wait child process to complete : %.*s\n", STR(plan->shown));
    return buf_str(&b);
}

Str command_log_ended(Arena *a, const CommandPlan *plan, int exit_code, int64_t seconds, Millis now)
{
    Buf b = {.a = a};
    Str t = time_iso8601(a, now);
    buf_printf(&b, "INFO waitProcessCompletion ended with exit code %d : %.*s\n", exit_code,
               STR(plan->shown));
    buf_printf(&b, "INFO total process run time: %" PRId64 " seconds\n", seconds);
    buf_printf(&b, "%.*s INFO Step created jobs: \n", STR(t));
    buf_printf(&b, "%.*s %s with exitCode %d and took %" PRId64 " seconds\n", STR(t),
               exit_code ? "WARN Step failed" : "INFO Step succeeded", exit_code, seconds);
    return buf_str(&b);
}
