// app.mjs - a small pipeline as a CDK app: a bucket, an asset, a function, a state machine, a schedule, a log group.
import { createRequire } from "node:module";
const require = createRequire(process.env.CDK_MODULES + "/x.js");
const cdk = require("aws-cdk-lib");
const assets = require("aws-cdk-lib/aws-s3-assets");
const iam = require("aws-cdk-lib/aws-iam");
const lambda = require("aws-cdk-lib/aws-lambda");
const logs = require("aws-cdk-lib/aws-logs");
const s3 = require("aws-cdk-lib/aws-s3");
const scheduler = require("aws-cdk-lib/aws-scheduler");
const states = require("aws-cdk-lib/aws-stepfunctions");
const tasks = require("aws-cdk-lib/aws-stepfunctions-tasks");

const app = new cdk.App();
const stack = new cdk.Stack(app, "Pipeline", { env: { account: "000000000000", region: "us-east-1" } });
const gone = { removalPolicy: cdk.RemovalPolicy.DESTROY };

const bucket = new s3.Bucket(stack, "Lake", gone);
const rules = new assets.Asset(stack, "Rules", { path: new URL("files/rules.json", import.meta.url).pathname });
const group = new logs.LogGroup(stack, "Log", { ...gone, retention: logs.RetentionDays.ONE_WEEK });

const greet = new lambda.Function(stack, "Greet", {
  runtime: lambda.Runtime.PYTHON_3_12,
  handler: "index.handler",
  code: lambda.Code.fromInline(`def handler(event, context):\n    return {"${process.env.GREETING}": event["name"]}\n`),
  environment: { RULES: rules.s3ObjectUrl, LAKE: bucket.bucketName },
});
rules.grantRead(greet);
bucket.grantReadWrite(greet);

const machine = new states.StateMachine(stack, "Machine", {
  definitionBody: states.DefinitionBody.fromChainable(
    new tasks.LambdaInvoke(stack, "Say", { lambdaFunction: greet, outputPath: "$.Payload" }),
  ),
  logs: { destination: group, level: states.LogLevel.ALL },
});

const role = new iam.Role(stack, "Starter", { assumedBy: new iam.ServicePrincipal("scheduler.amazonaws.com") });
machine.grantStartExecution(role);
new scheduler.CfnSchedule(stack, "Nightly", {
  scheduleExpression: "cron(0 3 * * ? *)",
  scheduleExpressionTimezone: "Europe/Warsaw",
  flexibleTimeWindow: { mode: "OFF" },
  target: { arn: machine.stateMachineArn, roleArn: role.roleArn, input: JSON.stringify({ name: "night" }) },
});

new cdk.CfnOutput(stack, "MachineArn", { value: machine.stateMachineArn });
new cdk.CfnOutput(stack, "LakeName", { value: bucket.bucketName });
new cdk.CfnOutput(stack, "RulesUrl", { value: rules.s3ObjectUrl });
