import {
  actionsOf,
  allowedBy,
  exactly,
  functionsOf,
  getAtt,
  type Json,
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

// The functions live where nothing leads but to the table.

/** Of those that touch the table, the one that asks Cognito too, which has no gateway endpoint. */
const exception = 'createProfile';

/** All that a network needs whose one way out is an endpoint. A gateway, a route, a peering, a loose rule are not in it. */
const parts = /^AWS::EC2::(VPC|Subnet|RouteTable|SubnetRouteTableAssociation|VPCEndpoint|SecurityGroup|FlowLog)$/;

const isAboutTable = (role: Resource | undefined) =>
  allowedBy(role).some((statement) => actionsOf(statement).some((action) => action.startsWith('dynamodb:')));

const idsOf = (template: Template, type: string) => ofType(template, type).map(({ id }) => id);

export const network: Rule[] = [
  {
    name: 'every function that touches the table is in the private subnets, but for createProfile; no other is',
    violations(template) {
      const [conversation = ''] = idsOf(template, 'AWS::EC2::SecurityGroup');
      const inside = {
        SubnetIds: idsOf(template, 'AWS::EC2::Subnet').map(ref),
        SecurityGroupIds: [getAtt(conversation, 'GroupId')],
      };
      return functionsOf(template).flatMap(({ id, name, roleId = '', Properties }) => {
        const isInside = name !== exception && isAboutTable(template.Resources[roleId]);
        return unlike(`${id}.VpcConfig`, Properties.VpcConfig, isInside ? exactly(inside) : undefined);
      });
    },
  },
  {
    name: 'two private subnets of the one VPC, in two zones; names are resolved inside',
    violations(template) {
      const subnets = ofType(template, 'AWS::EC2::Subnet');
      const zones = new Set(subnets.map(({ Properties }) => JSON.stringify(Properties.AvailabilityZone)));
      const [vpc = ''] = idsOf(template, 'AWS::EC2::VPC');
      return [
        ...theOne(template, 'AWS::EC2::VPC', { Properties: { EnableDnsSupport: true, EnableDnsHostnames: true } }),
        ...when(subnets.length !== 2 || zones.size !== 2, `${subnets.length} subnets in ${zones.size} zones`),
        ...subnets.flatMap(({ id, Properties }) =>
          unlike(id, Properties, { VpcId: ref(vpc), MapPublicIpOnLaunch: undefined }),
        ),
      ];
    },
  },
  {
    name: 'nothing leads out of the VPC but the endpoint: no gateway, no route, no peering',
    violations: ({ Resources }) =>
      Object.entries(Resources).flatMap(([id, { Type }]) =>
        when(Type.startsWith('AWS::EC2::') && !parts.test(Type), `${id} is ${Type}`),
      ),
  },
  {
    name: 'both subnets go by the route table that the endpoint writes its route into',
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
            `${subnet} is not associated with ${table}`,
          ),
        ),
      ];
    },
  },
  {
    name: 'the endpoint lets through to the one table, and what the functions inside may do, no more and no less',
    violations(template) {
      const endpoint = ofType(template, 'AWS::EC2::VPCEndpoint')[0];
      const functions = functionsOf(template).filter(({ name }) => name !== exception);
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
    name: 'functions may call DynamoDB’s addresses over HTTPS, no other, and nobody calls them',
    violations: (template) =>
      theOne(template, 'AWS::EC2::SecurityGroup', {
        Properties: {
          SecurityGroupIngress: undefined,
          SecurityGroupEgress: (rules: Json[]) =>
            rules?.length === 1 &&
            exactly({
              IpProtocol: 'tcp',
              FromPort: 443,
              ToPort: 443,
              DestinationPrefixListId: service.custom.dynamodbPrefixLists['us-east-1'],
              Description: rules[0].Description,
            })(rules[0]),
        },
      }),
  },
  {
    name: 'what goes through the VPC is noted, all of it',
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
        // Without the account, flow logs of others could be delivered with this role.
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
