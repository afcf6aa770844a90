import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { PropertyType, Resource, ResourceProperties } from '@aws-cdk/service-spec-types';
import { type Json, list, type Template } from './template-rules/template.ts';

// AWS’s schemas of all resource types, from the CDK. Loading them takes one or two seconds and 150 MB, so it happens at first use.
let database: ReturnType<typeof loadAwsServiceSpecSync> | undefined;
function spec() {
  database ??= loadAwsServiceSpecSync();
  return database;
}
const specOf = (type: string): Resource | undefined =>
  spec().lookup('resource', 'cloudFormationType', 'equals', type).at(0);

/** The attributes of a resource besides its properties. */
const resourceAttributes =
  /^(Type|Properties|Condition|DependsOn|DeletionPolicy|UpdateReplacePolicy|UpdatePolicy|Metadata)$/;

/** @returns the differences between the resources and AWS’s schemas, one line each */
export function schemaViolations(template: Template): string[] {
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const type = specOf(resource.Type);
    if (!type)
      return [
        `${id}: AWS has no resource type ${resource.Type}. Correct the type, or update @aws-cdk/aws-service-spec if it is new`,
      ];
    return [
      ...Object.keys(resource).flatMap((key) =>
        resourceAttributes.test(key)
          ? []
          : [`${id}: CloudFormation has no resource attribute ${key}. Remove it, or move it into Properties`],
      ),
      ...ofProperties(id, resource.Properties ?? {}, type.properties),
    ];
  });
}

function ofProperties(where: string, values: Json, properties: ResourceProperties): string[] {
  if (!isObject(values)) return [`${where} must be an object`];
  return [
    ...Object.entries(properties).flatMap(([name, { required }]) =>
      required && values[name] === undefined ? [`${where}: add the required property ${name}`] : [],
    ),
    ...Object.entries(values).flatMap(([name, value]) => {
      const property = properties[name];
      if (!property) return [`${where}: AWS has no property ${name} here. Correct its name or remove it`];
      // AWS has extended some types; their earlier forms are still valid.
      return ofAny(`${where}.${name}`, value, [property.type, ...(property.previousTypes ?? [])]);
    }),
  ];
}

/** @returns nothing if the value conforms to one of the types, otherwise how it differs from the first */
function ofAny(where: string, value: Json, types: readonly PropertyType[]): string[] {
  const [first = [], ...others] = types.map((type) => ofType(where, value, type));
  return others.some((violations) => violations.length === 0) ? [] : first;
}

function ofType(where: string, value: Json, type: PropertyType): string[] {
  if (isIntrinsic(value)) return [];
  const unless = (ok: boolean, what: string) =>
    ok ? [] : [`${where} is ${JSON.stringify(value)}. It must be ${what}`];
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

/** @returns the references to resources, attributes and conditions that do not exist, one line each */
export function referenceViolations({ Resources, Conditions, Outputs }: Template): string[] {
  const missing = (where: string, id: string, attribute?: string): string[] => {
    if (id.startsWith('AWS::')) return [];
    const resource = Resources[id];
    if (!resource) return [`${where} refers to ${id}, which does not exist. Correct the id`];
    const attributes = specOf(resource.Type)?.attributes;
    return attribute === undefined || attributes?.[attribute]
      ? []
      : [`${where} refers to ${id}.${attribute}, but a ${resource.Type} has no such attribute`];
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
      ...(Condition && !Conditions[Condition]
        ? [`${id} refers to the condition ${Condition}, which does not exist. Correct its name`]
        : []),
    ]),
  ];
}

const isObject = (value: Json) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isIntrinsic = (value: Json) => {
  const [key, ...others] = isObject(value) ? Object.keys(value) : [];
  return key !== undefined && others.length === 0 && /^(Ref|Condition|Fn::.+)$/.test(key);
};
