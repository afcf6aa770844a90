import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { PropertyType, Resource, ResourceProperties } from '@aws-cdk/service-spec-types';
import { type Json, list, type Template } from './template-rules/template.ts';

// AWS's own description of every resource type, as the CDK carries it. It is compressed JSON: reading it takes a second or two
// and 150 MB, so it is read when it is first asked.
let database: ReturnType<typeof loadAwsServiceSpecSync> | undefined;
function spec() {
  database ??= loadAwsServiceSpecSync();
  return database;
}
const specOf = (type: string): Resource | undefined =>
  spec().lookup('resource', 'cloudFormationType', 'equals', type).at(0);

/** What CloudFormation reads beside a resource's properties. */
const beside = /^(Type|Properties|Condition|DependsOn|DeletionPolicy|UpdateReplacePolicy|UpdatePolicy|Metadata)$/;

/** What CloudFormation would not understand: one line each, empty if the template is in order. */
export function schemaViolations(template: Template): string[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const type = specOf(resource.Type);
    if (!type) return [`${id}: AWS knows no type ${resource.Type}`];
    return [
      ...Object.keys(resource).flatMap((key) => (beside.test(key) ? [] : [`${id}: unknown key ${key}`])),
      ...ofProperties(id, resource.Properties ?? {}, type.properties),
    ];
  });
}

function ofProperties(where: string, values: Json, properties: ResourceProperties): string[] {
  if (!isObject(values)) return [`${where}: not an object`];
  return [
    ...Object.entries(properties).flatMap(([name, { required }]) =>
      required && values[name] === undefined ? [`${where}: ${name} is missing`] : [],
    ),
    ...Object.entries(values).flatMap(([name, value]) => {
      const property = properties[name];
      if (!property) return [`${where}: unknown property ${name}`];
      // AWS has made some types richer with time: the older spelling still counts.
      return ofAny(`${where}.${name}`, value, [property.type, ...(property.previousTypes ?? [])]);
    }),
  ];
}

/** In order if it is so for one of the types; if for none, what the first has against it. */
function ofAny(where: string, value: Json, types: readonly PropertyType[]): string[] {
  const [first = [], ...others] = types.map((type) => ofType(where, value, type));
  return others.some((violations) => violations.length === 0) ? [] : first;
}

function ofType(where: string, value: Json, type: PropertyType): string[] {
  if (isIntrinsic(value)) return [];
  const unless = (ok: boolean, what: string) => (ok ? [] : [`${where}: ${JSON.stringify(value)} is not ${what}`]);
  switch (type.type) {
    case 'string':
    case 'integer': {
      const right = type.type === 'string' ? typeof value === 'string' : Number.isInteger(value);
      const allowed: readonly Json[] | undefined = type.allowedValues;
      return unless(
        right && (allowed?.includes(value) ?? true),
        allowed ? `one of ${allowed}` : `of type ${type.type}`,
      );
    }
    case 'number':
    case 'boolean':
      return unless(typeof value === type.type, `of type ${type.type}`);
    case 'date-time':
      return unless(!Number.isNaN(Date.parse(value)), 'a time');
    case 'tag':
      return unless(typeof value?.Key === 'string' && value.Value !== undefined, 'a tag');
    case 'json':
    case 'null':
      return [];
    case 'array':
      if (!Array.isArray(value)) return unless(false, 'a list');
      return value.flatMap((each, index) => ofType(`${where}[${index}]`, each, type.element));
    case 'map':
      if (!isObject(value)) return unless(false, 'a map');
      return Object.entries(value).flatMap(([key, each]) => ofType(`${where}.${key}`, each, type.element));
    case 'union':
      return ofAny(where, value, type.types);
    case 'ref':
      return ofProperties(where, value, spec().get('typeDefinition', type.reference).properties);
  }
}

/** References to what the template does not have: a resource, an attribute of its type, a condition. */
export function referenceViolations({ Resources, Conditions, Outputs }: Template): string[] {
  const missing = (where: string, id: string, attribute?: string): string[] => {
    if (id.startsWith('AWS::')) return [];
    const resource = Resources[id];
    if (!resource) return [`${where}: there is no ${id}`];
    const attributes = specOf(resource.Type)?.attributes;
    return attribute === undefined || attributes?.[attribute] ? [] : [`${where}: ${id} has no ${attribute}`];
  };
  const inside = (where: string, value: Json): string[] => {
    if (value === null || typeof value !== 'object') return [];
    if (isIntrinsic(value)) {
      if (value.Ref) return missing(where, value.Ref);
      if (value['Fn::GetAtt']) return missing(where, value['Fn::GetAtt'][0], value['Fn::GetAtt'][1]);
      const texts = list(value['Fn::Sub'] ?? []).slice(0, 1) as string[];
      const names = texts.flatMap((text) => [...text.matchAll(/\$\{([\w:]+)(?:\.([\w.]+))?\}/g)]);
      if (names.length > 0) return names.flatMap(([, id = '', attribute]) => missing(where, id, attribute));
    }
    return Object.entries(value).flatMap(([key, each]) => inside(`${where}.${key}`, each));
  };
  return [
    ...inside('Outputs', Outputs),
    ...Object.entries(Resources).flatMap(([id, { Properties, DependsOn = [], Condition }]) => [
      ...inside(id, Properties),
      ...list(DependsOn).flatMap((other) => missing(`${id}.DependsOn`, other)),
      ...(Condition && !Conditions[Condition] ? [`${id}: there is no condition ${Condition}`] : []),
    ]),
  ];
}

const isObject = (value: Json) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isIntrinsic = (value: Json) => {
  const [key, ...others] = isObject(value) ? Object.keys(value) : [];
  return key !== undefined && others.length === 0 && /^(Ref|Condition|Fn::.+)$/.test(key);
};
