/* jobflow_test.c - RunJobFlow requests as people send them, and each rule that refuses one. */
#include "core/cluster/jobflow.h"
#include "test.h"

static Json parse(Str text)
{
    Json v = {0};
    Error err = {0};
    ok(json_parse(text, test_arena(), &v, &err));
    return v;
}

#define SIMPLE                                                                                     \
    "'Instances':{'MasterInstanceType':'m5.xlarge','SlaveInstanceType':'m5.2xlarge','"             \
    "InstanceCount':3}"
#define RELEASE "'Name':'n','ReleaseLabel':'emr-7.1.0'"

/* ' stands for " so that the requests can be read. */
static Str quoted(const char *text)
{
    Str s = str_copy(test_arena(), str_from(text));
    for (char *p = (char *)(uintptr_t)s.p; *p; p++)
        if (*p == '\'') *p = '"';
    return s;
}

static Str read(const char *text, JobFlow *flow)
{
    Json request = parse(quoted(text));
    Error err = {0};
    JobFlowLimits limits = JOBFLOW_LIMITS_DEFAULT;
    limits.instances_max = 50;
    if (jobflow_read(&request, &limits, test_arena(), flow, &err)) return S("ok");
    eq_int(err.code, ERR_VALIDATION);
    return str_copy(test_arena(), error_text(&err));
}

TEST(jobflow_simple_form_becomes_groups)
{
    JobFlow f;
    eq_str(read("{" RELEASE "," SIMPLE
                ",'Applications':[{'Name':'spark'},{'Name':'Hadoop'}],'LogUri':'s3n://l/p/',"
                "'AutoTerminationPolicy':{},'Steps':[{'Name':'s','HadoopJarStep':{'Jar':'command-"
                "runner.jar','Args':['bash','-c','x y'],"
                "'Properties':[{'Key':'k','Value':'v'}]}}],"
                "'BootstrapActions':[{'Name':'b','ScriptBootstrapAction':{'Path':'s3://b/"
                "x.sh','Args':['1']}}]}",
                &f),
           S("ok"));
    eq_int(f.groups.n, 2);
    eq_int(f.groups.p[0].role, ROLE_MASTER);
    eq_int(f.groups.p[0].count, 1);
    eq_int(f.groups.p[1].count, 2);
    eq_str(f.groups.p[1].type->name, S("m5.2xlarge"));
    eq_str(f.applications.p[0], S("Spark"));
    eq_int(f.spec.idle_timeout_ms, 3600000);
    eq_int(f.spec.concurrency, 1);
    ok(!f.spec.keep_alive && !f.spec.is_protected);
    eq_int(f.spec.bootstrap_n, 1);
    eq_str(f.bootstrap.p[0].path, S("s3://b/x.sh"));
    eq_int(f.steps.p[0].action, ACTION_TERMINATE_CLUSTER);
    eq_str(f.steps.p[0].args.p[2], S("x y"));
    eq_str(f.steps.p[0].properties.p[0].value, S("v"));
}

TEST(jobflow_groups_and_fleets)
{
    JobFlow f;
    eq_str(read("{" RELEASE ",'StepConcurrencyLevel':10,'Instances':{'KeepJobFlowAliveWhenNoSteps':"
                            "true,'TerminationProtected':true,"
                "'InstanceGroups':[{'InstanceRole':'TASK','InstanceType':'c5.xlarge','"
                "InstanceCount':0,'BidPrice':'0.1'},"
                "{'InstanceRole':'CORE','InstanceType':'r5.xlarge','InstanceCount':4},{'"
                "InstanceRole':'MASTER','InstanceType':'m5.xlarge','InstanceCount':1}]}}",
                &f),
           S("ok"));
    eq_int(f.uses.n, 3);
    eq_int(f.uses.p[0].role, ROLE_MASTER);
    eq_int(f.uses.p[1].count, 4);
    eq_str(f.groups.p[2].market, S("SPOT"));
    ok(f.spec.keep_alive && f.spec.is_protected && f.spec.concurrency == 10 && !f.fleets);
    eq_str(read("{" RELEASE ",'Instances':{'InstanceFleets':[{'InstanceFleetType':'MASTER','"
                            "TargetOnDemandCapacity':1,"
                "'InstanceTypeConfigs':[{'InstanceType':'m5.xlarge'}]},{'InstanceFleetType':'CORE',"
                "'TargetOnDemandCapacity':3,'TargetSpotCapacity':6,"
                "'InstanceTypeConfigs':[{'InstanceType':'m5.2xlarge','WeightedCapacity':4},{'"
                "InstanceType':'r5.xlarge'}]}]}}",
                &f),
           S("ok"));
    ok(f.fleets && !f.spec.keep_alive);
    eq_int(f.groups.p[1].count, 3);
    eq_str(f.groups.p[1].type->name, S("m5.2xlarge"));
}

TEST(jobflow_three_masters_are_kept_and_protected)
{
    JobFlow f;
    eq_str(read("{" RELEASE ",'Instances':{'InstanceGroups':[{'InstanceRole':'MASTER','"
                            "InstanceType':'m5.xlarge','InstanceCount':3},"
                "{'InstanceRole':'CORE','InstanceType':'m5.xlarge','InstanceCount':1}]}}",
                &f),
           S("ok"));
    ok(f.spec.keep_alive && f.spec.is_protected);
}

TEST(jobflow_refuses_in_emrs_words)
{
    static const struct {
        const char *request, *want;
    } cases[] = {
        {"{'Name':'n','ReleaseLabel':'emr-9.9.9'," SIMPLE "}",
         "The supplied release label is invalid: emr-9.9.9."},
        {"{'Name':'n','ReleaseLabel':'7.1.0'," SIMPLE "}",
         "The supplied release label is invalid: 7.1.0."},
        {"{'Name':'n','ReleaseLabel':'emr-6.16.0'," SIMPLE "}",
         "The supplied release label is invalid: emr-6.16.0."},
        {"{'Name':'n','ReleaseLabel':'emr-7.1.0.1'," SIMPLE "}",
         "The supplied release label is invalid: emr-7.1.0.1."},
        {"{'Name':'n'," SIMPLE "}", "Must specify ReleaseLabel: AMI versions are not supported."},
        {"{" RELEASE ",'Instances':{}}",
         "Please configure instances using one and only one of the following: instance groups; "
         "instance "
         "fleets; or instance count, master and slave instance type."},
        {"{" RELEASE ",'Instances':{'InstanceCount':1,'MasterInstanceType':'m5.huge'}}",
         "Instance type 'm5.huge' is not supported."},
        {"{" RELEASE ",'Instances':{'InstanceCount':0,'MasterInstanceType':'m5.xlarge'}}",
         "InstanceCount must be at least 1."},
        {"{" RELEASE ",'Instances':{'InstanceCount':2,'MasterInstanceType':'m5.xlarge'}}",
         "SlaveInstanceType must be specified when InstanceCount is greater than 1."},
        {"{" RELEASE ",'Instances':{'InstanceGroups':[{'InstanceRole':'CORE','InstanceType':'m5."
                     "xlarge','InstanceCount':1}]}}",
         "Must have exactly one MASTER instance group."},
        {"{" RELEASE ",'Instances':{'InstanceGroups':[{'InstanceRole':'MASTER','InstanceType':'m5."
                     "xlarge','InstanceCount':1},"
         "{'InstanceRole':'MASTER','InstanceType':'m5.xlarge','InstanceCount':1}]}}",
         "Only one MASTER instance group may be specified."},
        {"{" RELEASE ",'Instances':{'InstanceGroups':[{'InstanceRole':'MASTER','InstanceType':'m5."
                     "xlarge','InstanceCount':2}]}}",
         "A master instance group must have 1 or 3 instances, not 2."},
        {"{" RELEASE ",'Instances':{'InstanceCount':51,'MasterInstanceType':'m5.xlarge','"
                     "SlaveInstanceType':'m5.xlarge'}}",
         "The number of instances exceeds the EC2 quota of 50."},
        {"{" RELEASE "," SIMPLE ",'StepConcurrencyLevel':257}",
         "Step concurrency level should be in between 1 and 256."},
        {"{'Name':'n','ReleaseLabel':'emr-5.27.0'," SIMPLE ",'StepConcurrencyLevel':2}",
         "Step concurrency is supported in release emr-5.28.0 and later, not in emr-5.27.0."},
        {"{" RELEASE "," SIMPLE ",'AutoTerminationPolicy':{'IdleTimeout':59}}",
         "IdleTimeout must be between 60 and 604800 seconds, not 59."},
        {"{" RELEASE "," SIMPLE ",'Applications':[{'Name':'Sparkle'}]}",
         "Unknown application: 'Sparkle'."},
        {"{" RELEASE "," SIMPLE ",'LogUri':'/tmp/x'}",
         "LogUri '/tmp/x' is not a valid S3 location."},
        {"{" RELEASE "," SIMPLE ",'LogUri':'s3://'}", "LogUri 's3://' is not a valid S3 location."},
        {"{" RELEASE "," SIMPLE ",'Tags':[{'Key':'a'},{'Key':'a'}]}",
         "Tags[1]: duplicate tag key 'a'."},
        {"{" RELEASE "," SIMPLE ",'Tags':[{'Key':'AWS:x'}]}",
         "Tags[0]: tag keys starting with 'aws:' are reserved for system use."},
        {"{" RELEASE "," SIMPLE ",'Steps':[{'Name':'s','HadoopJarStep':{'Jar':''}}]}",
         "Steps[0]: HadoopJarStep.Jar must not be empty."},
        {"{" RELEASE "," SIMPLE ",'Configurations':[{'Classification':''}]}",
         "Configurations[0]: Classification must not be empty"},
    };
    for (int i = 0; i < countof(cases); i++) {
        JobFlow f;
        eq_str(read(cases[i].request, &f), str_from(cases[i].want));
    }
}

static Json many_steps(int n, int64_t chars)
{
    Buf b = {.a = test_arena()};
    buf_putc(&b, '[');
    for (int i = 0; i < n; i++) {
        buf_printf(&b, "%s{\"Name\":\"s\",\"ActionOnFailure\":\"%s\",\"HadoopJarStep\":{\"Jar\":\"",
                   i ? "," : "", i == n - 1 ? "CANCEL_AND_WAIT" : "CONTINUE");
        for (int64_t k = 0; k < chars; k++) buf_put(&b, S("\xc3\xa9"));
        buf_put(&b, S("\"}}"));
    }
    buf_putc(&b, ']');
    return parse(buf_str(&b));
}

TEST(jobflow_steps_have_limits)
{
    JobFlowLimits limits = JOBFLOW_LIMITS_DEFAULT;
    JobFlowSteps steps;
    Error err = {0};
    Json exact = many_steps(1, 10240), over = many_steps(1, 10241), two = many_steps(2, 3);
    ok(jobflow_steps(&exact, 1, &limits, test_arena(), &steps, &err));
    ok(!jobflow_steps(&over, 1, &limits, test_arena(), &steps, &err));
    eq_str(error_text(&err),
           S("Steps[0]: the strings of HadoopJarStep have 10241 characters, more than 10240."));
    ok(jobflow_steps(&two, 1, &limits, test_arena(), &steps, &err) && steps.n == 2);
    ok(!jobflow_steps(&two, 2, &limits, test_arena(), &steps, &err));
    eq_str(error_text(&err), S("Steps[1]: the ActionOnFailure setting CANCEL_AND_WAIT is not "
                               "valid. Only CONTINUE can be used when the "
                               "step concurrency level of the cluster is greater than 1."));
}

/* Such a URI came as far as a buffer of a fixed size, and ended the server at each start. */
TEST(jobflow_log_uri_has_a_length)
{
    char key[801 - 7 + 1], bucket[256 + 1], text[2000];
    JobFlow flow;
    memset(key, 'k', sizeof key);
    memset(bucket, 'b', sizeof bucket);
    key[sizeof key - 1] = bucket[sizeof bucket - 1] = 0;
    snprintf(text, sizeof text, "{" RELEASE "," SIMPLE ",'LogUri':'s3://b/%s'}", key);
    ok(str_ends(read(text, &flow), S("is not a valid S3 location.")));
    snprintf(text, sizeof text, "{" RELEASE "," SIMPLE ",'LogUri':'s3://b/%s'}", key + 1);
    eq_str(read(text, &flow), S("ok"));
    snprintf(text, sizeof text, "{" RELEASE "," SIMPLE ",'LogUri':'s3://%s/'}", bucket);
    ok(!str_eq(read(text, &flow), S("ok")));
    snprintf(text, sizeof text, "{" RELEASE "," SIMPLE ",'LogUri':'s3://%s'}", bucket + 1);
    eq_str(read(text, &flow), S("ok"));
}
