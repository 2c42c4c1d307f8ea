/* states_machines.c - the state machines of the simulated clients: one for every way of waiting, and two that it starts. */
#include "states.h"

const char *const kind_names[KIND_COUNT] = {
    [KIND_WAIT] = "wait",     [KIND_MAP] = "map",       [KIND_PARALLEL] = "parallel",
    [KIND_CALLBACK] = "call", [KIND_NESTED] = "nested", [KIND_BROKEN] = "broken",
    [KIND_TASK] = "task",     [KIND_FAIL] = "fail",     [KIND_HANG] = "hang",
    [KIND_LOOP] = "loop",
};

const char *const machine_names[MACHINES] = {"leaf", "slow", "mixed"};

/* clang-format off */
#define ARN(name) "'StateMachineArn':'arn:aws:states:us-east-1:000000000000:stateMachine:" name "'"
#define START(pattern) \
    "'Type':'Task','Resource':'arn:aws:states:::states:startExecution" pattern "'"
#define WHEN(kind, next) "{'Variable':'$.kind','StringEquals':'" kind "','Next':'" next "'}"

const char *const machine_definitions[MACHINES] = {
  "{'StartAt':'P','States':{'P':{'Type':'Pass','End':true}}}",

  "{'StartAt':'W','States':{"
    "'W':{'Type':'Wait','Seconds':20,'Next':'C'},"
    "'C':{'Type':'Choice','Choices':[" WHEN("broken", "F") "],'Default':'S'},"
    "'F':{'Type':'Fail','Error':'Broken','Cause':'as told'},"
    "'S':{'Type':'Succeed'}}}",

  "{'StartAt':'Which','TimeoutSeconds':1800,'States':{"
    "'Which':{'Type':'Choice','Choices':["
      WHEN("wait", "W1") "," WHEN("map", "M") "," WHEN("parallel", "B") "," WHEN("call", "K") ","
      WHEN("nested", "N") "," WHEN("broken", "N") "," WHEN("task", "T1") "," WHEN("fail", "F") ","
      WHEN("hang", "H") "," WHEN("loop", "A") "]},"
    "'W1':{'Type':'Wait','Seconds':1,'Next':'W2'},"
    "'W2':{'Type':'Wait','Seconds':30,'Next':'S'},"
    "'M':{'Type':'Map','ItemsPath':'$.items','MaxConcurrency':3,'ResultPath':'$.done','Next':'D',"
      "'ItemProcessor':{'StartAt':'W','States':{"
        "'W':{'Type':'Wait','SecondsPath':'$','Next':'P'},'P':{'Type':'Pass','End':true}}}},"
    "'D':{'Type':'Map','ItemsPath':'$.items','MaxConcurrency':3,'ResultPath':'$.done','Next':'S',"
      "'ItemProcessor':{'ProcessorConfig':{'Mode':'DISTRIBUTED','ExecutionType':'STANDARD'},"
        "'StartAt':'DW','States':{"
        "'DW':{'Type':'Wait','SecondsPath':'$','Next':'DP'},'DP':{'Type':'Pass','End':true}}}},"
    "'B':{'Type':'Parallel','ResultPath':'$.done','Next':'S','Branches':["
      "{'StartAt':'B1','States':{'B1':{'Type':'Wait','Seconds':5,'End':true}}},"
      "{'StartAt':'B2','States':{'B2':{" START(".sync") ",'Parameters':{" ARN("slow")
        ",'Input':{'kind':'slow'}},'ResultPath':null,'End':true}}},"
      "{'StartAt':'B3','States':{'B3':{'Type':'Pass','End':true}}}]},"
    "'K':{" START(".waitForTaskToken") ",'HeartbeatSeconds':300,'TimeoutSeconds':900,"
      "'Parameters':{" ARN("leaf") ",'Input':{'token.$':'$$.Task.Token'}},"
      "'ResultPath':'$.done','Next':'S'},"
    "'N':{" START(".sync:2") ",'Parameters':{" ARN("slow") ",'Input':{'kind.$':'$.kind'}},"
      "'Retry':[{'ErrorEquals':['States.TaskFailed'],'IntervalSeconds':3,'MaxAttempts':2}],"
      "'ResultPath':null,'Next':'S'},"
    "'T1':{" START("") ",'Parameters':{" ARN("leaf") "},'ResultPath':null,'Next':'T2'},"
    "'T2':{'Type':'Wait','Seconds':7,'Next':'T3'},"
    "'T3':{" START("") ",'Parameters':{" ARN("leaf") "},'ResultPath':null,'Next':'S'},"
    "'F':{'Type':'Fail','Error':'Told','Cause':'to fail'},"
    "'H':{'Type':'Wait','Seconds':100000,'Next':'S'},"
    "'A':{'Type':'Pass','Parameters':{'kind':'loop','i.$':'States.MathAdd($.i, 1)'},'Next':'L'},"
    "'L':{'Type':'Choice','Choices':[{'Variable':'$.i','NumericLessThan':1100,'Next':'A'}],"
      "'Default':'S'},"
    "'S':{'Type':'Succeed'}}}",
};
/* clang-format on */

const char *kind_ends(Kind kind)
{
    return kind == KIND_FAIL || kind == KIND_BROKEN ? "FAILED"
           : kind == KIND_HANG                      ? "TIMED_OUT"
                                                    : "SUCCEEDED";
}
