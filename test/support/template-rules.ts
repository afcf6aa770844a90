import { data } from './template-rules/data.ts';
import { http } from './template-rules/http.ts';
import { network } from './template-rules/network.ts';
import { operations } from './template-rules/operations.ts';
import { permissions } from './template-rules/permissions.ts';
import { signIn } from './template-rules/sign-in.ts';
import { stream } from './template-rules/stream.ts';
import type { Rule } from './template-rules/template.ts';
import { referenceViolations, schemaViolations } from './template-schema.ts';

/** All that we promise about the deployment, and before it what AWS asks of any. */
export const rules: Rule[] = [
  { name: 'every resource is as AWS describes its type', violations: schemaViolations },
  { name: 'every reference leads to something', violations: referenceViolations },
  ...network,
  ...signIn,
  ...http,
  ...data,
  ...stream,
  ...permissions,
  ...operations,
];
