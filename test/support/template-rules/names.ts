import { longestStage } from '../../../offline/preflight/parameters.mjs';
import { type Rule, service, when } from './template.ts';

// Names that contain the stage. A long one fails a deployment after minutes.

/** AWS’s limits, in characters, by resource type and property. */
const limits: Record<string, number> = {
  'AWS::ApiGatewayV2::Api.Name': 128,
  'AWS::ApiGatewayV2::Stage.StageName': 128,
  'AWS::CloudWatch::Alarm.AlarmName': 255,
  'AWS::CloudWatch::Dashboard.DashboardName': 255,
  'AWS::Cognito::UserPool.UserPoolName': 128,
  'AWS::DynamoDB::Table.TableName': 255,
  'AWS::Lambda::Function.FunctionName': 64,
  'AWS::Logs::LogGroup.LogGroupName': 512,
  'AWS::SNS::Topic.TopicName': 256,
  'AWS::SQS::Queue.QueueName': 80,
  'AWS::WAFv2::WebACL.Name': 128,
};

export const names: Rule[] = [
  {
    name: 'no name exceeds its limit, even with the longest name of a stage',
    violations(template, stage) {
      const further = longestStage(service.service, Object.keys(service.functions)) - stage.length;
      return Object.entries(template.Resources).flatMap(([id, { Type, Properties = {} }]) =>
        Object.entries(Properties).flatMap(([key, value]) => {
          if (typeof value !== 'string' || !/Name$/.test(key) || !value.includes(stage)) return [];
          const limit = limits[`${Type}.${key}`];
          return [
            ...when(limit === undefined, `${id}.${key}: add AWS’s limit to template-rules/names.ts`),
            ...when(
              limit !== undefined && value.length + further > limit,
              `${id}.${key} has more than ${limit} characters in a stage with a long name. Shorten it`,
            ),
          ];
        }),
      );
    },
  },
];
