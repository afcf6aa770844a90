import type { Block } from '../../harness/suite.ts';
import { type Behaviour, behaviour, meanings } from '../behaviour.ts';
import type { Evidence, Fact, TieredPrice } from '../facts.ts';
import { batchDuration, logBytes, type OperationName, operations } from '../operations.ts';
import { prices, region } from '../prices.ts';
import { quotas } from '../quotas.ts';
import { stored as sizes, textLength } from '../sizes.ts';

const evidence: Record<Evidence, string> = { page: 'AWS’s page', quoted: 'a quotation', assumed: '**assumed**' };

const million = 1e6;

/** A price with as many digits as it has. */
const money = (price: number, unit: string): string => {
  const isSmall = price > 0 && price < 0.001 && unit !== 'GB-second';
  const amount = isSmall ? price * million : price;
  const digits = amount.toLocaleString('en', { maximumFractionDigits: 10 });
  return `$${digits} ${isSmall ? `a million ${unit}s` : `a ${unit}`}`;
};

const priceText = (price: Fact | TieredPrice): string =>
  'value' in price
    ? money(price.value, price.unit)
    : price.tiers
        .map(({ upTo, price: each }) =>
          Number.isFinite(upTo)
            ? `${money(each, price.unit)} up to ${upTo.toLocaleString('en')}`
            : `then ${money(each, price.unit)}`,
        )
        .join(', ');

const source = ({ source: address }: { source: string }): string => `[${new URL(address).host}](${address})`;

export function sourceBlocks(): Block[] {
  const names = Object.keys(meanings) as (keyof Behaviour)[];
  const durations = Object.entries(operations) as [OperationName, { duration: number; bytes: number }][];
  return [
    {
      kind: 'text',
      text: `### Assumptions

Everything here is assumed. The behaviour is in [behaviour.ts](../bench/internet/behaviour.ts), the operations are in
[operations.ts](../bench/internet/operations.ts): put in what your product sees, and run \`npm run bench -- internet\` again.`,
    },
    {
      kind: 'table',
      title: 'What users do',
      columns: ['assumption', 'value'],
      rows: names.map((name) => [meanings[name], behaviour[name].toLocaleString('en', { maximumFractionDigits: 10 })]),
    },
    {
      kind: 'table',
      title: 'What a request takes',
      columns: ['operation', 'function, ms', 'answer, bytes'],
      rows: durations.map(([name, { duration, bytes }]) => [`\`${name}\``, `${duration}`, bytes.toLocaleString('en')]),
    },
    {
      kind: 'text',
      text: `A batch of the projector takes ${batchDuration(0)} ms, and ${batchDuration(1) - batchDuration(0)} ms more for each conversation. A run writes ${logBytes.run} bytes to its log, API Gateway ${logBytes.request}
for each request. Functions are warm, stand beside their table, and remember nothing from one request to the next.

Not assumed, but computed from typical items (messages of ${textLength} characters) is what is stored: ${sizes.message} bytes for a message, ${sizes.receipt} for a receipt (30 days),
${sizes.conversation.toLocaleString('en')} for a conversation and ${sizes.user} for a user.`,
    },
    {
      kind: 'text',
      text: `### Prices and quotas

List prices of ${region}, without free allowances for new accounts. All were read on 2026-11-27, in stored copies of AWS's pages. AWS's pricing
pages fill in most numbers by script, so some prices were read where others quote AWS's page or price list (*a quotation*): check those
before you decide. *As of* is the date of the copy or quotation if it has one, and else that of the reading.`,
    },
    {
      kind: 'table',
      title: 'Prices',
      columns: ['what', 'price', 'known from', 'source', 'as of'],
      rows: prices.map((price) => [price.what, priceText(price), evidence[price.evidence], source(price), price.asOf]),
    },
    {
      kind: 'table',
      title: 'Default quotas',
      columns: ['what', 'quota', 'raised on request', 'known from', 'source', 'as of'],
      rows: quotas.map((quota) => [
        quota.what,
        `${quota.value.toLocaleString('en')} ${quota.unit}`,
        quota.isAdjustable ? 'yes' : 'no',
        evidence[quota.evidence],
        source(quota),
        quota.asOf,
      ]),
    },
  ];
}
