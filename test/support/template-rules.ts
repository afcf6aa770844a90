import { data } from './template-rules/data.ts';
import { http } from './template-rules/http.ts';
import { names } from './template-rules/names.ts';
import { network } from './template-rules/network.ts';
import { operations } from './template-rules/operations.ts';
import { permissions } from './template-rules/permissions.ts';
import { signIn } from './template-rules/sign-in.ts';
import { sockets } from './template-rules/sockets.ts';
import { stream } from './template-rules/stream.ts';
import type { Rule } from './template-rules/template.ts';
import { upgrade } from './template-rules/upgrade.ts';
import { referenceViolations, schemaViolations } from './template-schema.ts';

/** The rules of the deployed template: first AWS’s own, then those of this service. */
export const rules: Rule[] = [
  { name: 'every resource conforms to AWS’s schema of its type', violations: schemaViolations },
  { name: 'every reference has a target in the template', violations: referenceViolations },
  ...names,
  ...network,
  ...signIn,
  ...http,
  ...sockets,
  ...data,
  ...stream,
  ...permissions,
  ...operations,
  ...upgrade,
];
