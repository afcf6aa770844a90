import { allowedBy, type Json, type Resource, type Template } from '../template-rules/template.ts';

/** A mistake in the template. */
export interface Mistake {
  name: string;
  /** Changes the template. */
  make(resources: Record<string, Json>, template: Template): void;
  /** The names of the rules that must find it; no other rule may. */
  found: string[];
}

export const properties = (resource: Resource): Json => resource.Properties;

/** @returns the role’s Allow statement for a service’s actions */
export function allow(role: Resource, service: string): Json {
  const statement = allowedBy(role).find(({ Action }) => Action?.[0]?.startsWith(`${service}:`));
  if (!statement) throw new Error(`this role allows no action of ${service}: choose another role for the mistake`);
  return statement;
}
