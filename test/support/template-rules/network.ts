import { posters } from './sockets.ts';
import {
  actionsOf,
  allowedBy,
  exactly,
  functionsOf,
  getAtt,
  must,
  ofType,
  type Resource,
  type Rule,
  ref,
  service,
  statementsIn,
  type Template,
  theOne,
  unlike,
  when,
} from './template.ts';

// The network: functions in the VPC can reach only the table.

/** They use the table outside the VPC, since they call Cognito or API Gateway too, which have no gateway endpoint. */
const exceptions = ['createProfile', 'completeSignUp', ...posters];

/** The resource types of a network whose only exit is an endpoint. */
const parts = /^AWS::EC2::(VPC|Subnet|RouteTable|SubnetRouteTableAssociation|VPCEndpoint|SecurityGroup|FlowLog)$/;

const isAboutTable = (role: Resource | undefined) =>
  allowedBy(role).some((statement) => actionsOf(statement).some((action) => action.startsWith('dynamodb:')));

const idsOf = (template: Template, type: string) => ofType(template, type).map(({ id }) => id);

export const network: Rule[] = [
  {
    name: 'functions that use the table run in the private subnets, except those that call Cognito or post to connections; other functions do not',
    violations(template) {
      const [group = ''] = idsOf(template, 'AWS::EC2::SecurityGroup');
      const inside = {
        SubnetIds: idsOf(template, 'AWS::EC2::Subnet').map(ref),
        SecurityGroupIds: [getAtt(group, 'GroupId')],
      };
      return functionsOf(template).flatMap(({ id, name, roleId = '', Properties }) => {
        const isInside = !exceptions.includes(name) && isAboutTable(template.Resources[roleId]);
        return unlike(`${id}.VpcConfig`, Properties.VpcConfig, isInside ? exactly(inside) : undefined);
      });
    },
  },
  {
    name: 'the VPC has two private subnets, in two zones, and resolves DNS names',
    violations(template) {
      const subnets = ofType(template, 'AWS::EC2::Subnet');
      const zones = new Set(subnets.map(({ Properties }) => JSON.stringify(Properties.AvailabilityZone)));
      const [vpc = ''] = idsOf(template, 'AWS::EC2::VPC');
      return [
        ...theOne(template, 'AWS::EC2::VPC', { Properties: { EnableDnsSupport: true, EnableDnsHostnames: true } }),
        ...when(
          subnets.length !== 2 || zones.size !== 2,
          `there are ${subnets.length} subnets in ${zones.size} zones. Declare two, each in another zone`,
        ),
        ...subnets.flatMap(({ id, Properties }) =>
          unlike(id, Properties, { VpcId: ref(vpc), MapPublicIpOnLaunch: undefined }),
        ),
      ];
    },
  },
  {
    name: 'the VPC’s only exit is the endpoint: no gateway, no route, no peering',
    violations: ({ Resources }) =>
      Object.entries(Resources).flatMap(([id, { Type }]) =>
        when(
          Type.startsWith('AWS::EC2::') && !parts.test(Type),
          `${id}, of type ${Type}, may lead out of the VPC. Remove it, or add its type to parts of template-rules/network.ts`,
        ),
      ),
  },
  {
    name: 'both subnets use the route table of the endpoint',
    violations(template) {
      const [table = ''] = idsOf(template, 'AWS::EC2::RouteTable');
      const associations = ofType(template, 'AWS::EC2::SubnetRouteTableAssociation').map(
        ({ Properties }) => Properties,
      );
      return [
        ...theOne(template, 'AWS::EC2::VPCEndpoint', { Properties: { RouteTableIds: [ref(table)] } }),
        ...idsOf(template, 'AWS::EC2::Subnet').flatMap((subnet) =>
          when(
            !associations.some(exactly({ SubnetId: ref(subnet), RouteTableId: ref(table) })),
            `${subnet} has no route to the table. Associate it with ${table} in resources/network.yml`,
          ),
        ),
      ];
    },
  },
  {
    name: 'the endpoint allows exactly the table’s actions that the roles of the functions in the VPC allow',
    violations(template) {
      const endpoint = ofType(template, 'AWS::EC2::VPCEndpoint')[0];
      const functions = functionsOf(template).filter(({ name }) => !exceptions.includes(name));
      const actions = functions
        .flatMap(({ roleId = '' }) => allowedBy(template.Resources[roleId]))
        .filter(({ Resource }) => exactly(getAtt('MessagesTable', 'Arn'))(Resource))
        .flatMap(actionsOf);
      const statements = statementsIn(endpoint?.Properties.PolicyDocument).map((statement) => ({
        ...statement,
        Action: actionsOf(statement).toSorted(),
      }));
      const [vpc = ''] = idsOf(template, 'AWS::EC2::VPC');
      return [
        ...theOne(template, 'AWS::EC2::VPCEndpoint', {
          Properties: {
            VpcEndpointType: 'Gateway',
            VpcId: ref(vpc),
            ServiceName: { 'Fn::Sub': `com.amazonaws.\${AWS::Region}.dynamodb` },
          },
        }),
        ...unlike('the endpoint’s policy', statements, [
          {
            Effect: 'Allow',
            Principal: '*',
            Action: [...new Set(actions)].toSorted(),
            Resource: getAtt('MessagesTable', 'Arn'),
          },
        ]),
      ];
    },
  },
  {
    name: 'the security group allows outgoing HTTPS to DynamoDB only, and nothing incoming',
    violations: (template) =>
      theOne(template, 'AWS::EC2::SecurityGroup', {
        Properties: {
          SecurityGroupIngress: undefined,
          SecurityGroupEgress: must(
            'one rule: TCP, port 443, DynamoDB’s prefix list',
            (rules) =>
              rules?.length === 1 &&
              exactly({
                IpProtocol: 'tcp',
                FromPort: 443,
                ToPort: 443,
                DestinationPrefixListId: service.custom.dynamodbPrefixLists['us-east-1'],
                Description: rules[0].Description,
              })(rules[0]),
          ),
        },
      }),
  },
  {
    name: 'all traffic of the VPC is logged',
    violations(template) {
      const [vpc = ''] = idsOf(template, 'AWS::EC2::VPC');
      return [
        ...theOne(template, 'AWS::EC2::FlowLog', {
          Properties: {
            ResourceType: 'VPC',
            ResourceId: ref(vpc),
            TrafficType: 'ALL',
            LogGroupName: ref('FlowLogGroup'),
            DeliverLogsPermissionArn: getAtt('FlowLogRole', 'Arn'),
          },
        }),
        // Without the condition, flow logs of other AWS accounts could be delivered with this role.
        ...unlike('FlowLogRole', statementsIn(template.Resources.FlowLogRole?.Properties.AssumeRolePolicyDocument), [
          {
            Effect: 'Allow',
            Principal: { Service: 'vpc-flow-logs.amazonaws.com' },
            Action: 'sts:AssumeRole',
            Condition: { StringEquals: { 'aws:SourceAccount': ref('AWS::AccountId') } },
          },
        ]),
      ];
    },
  },
];
