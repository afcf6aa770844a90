import { allowedBy, type Json, type Resource, type Template } from '../template-rules/template.ts';

/** A mistake that somebody could make. */
export interface Mistake {
  name: string;
  /** Puts the mistake into the template that it is given. */
  make(resources: Record<string, Json>, template: Template): void;
  /** The rules that must find it: these, and no other. */
  found: string[];
}

export const properties = (resource: Resource): Json => resource.Properties;

/** The Allow statement of a role that is about a service's actions. */
export function allow(role: Resource, service: string): Json {
  const statement = allowedBy(role).find(({ Action }) => Action?.[0]?.startsWith(`${service}:`));
  if (!statement) throw new Error(`this role does not allow ${service}`);
  return statement;
}
