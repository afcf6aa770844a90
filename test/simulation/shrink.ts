import { runHistory } from './history.ts';
import { calm, type Plan } from './plan.ts';

const mostRuns = 500;

/** What a plan violates; undefined if it violates nothing. */
export async function violationsOf(plan: Plan): Promise<string | undefined> {
  try {
    await runHistory(plan);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Makes a failing plan smaller as long as it fails: without one of its requests, without one of its troubles.
 * @param fails whether a plan still fails in the same way
 */
export async function shrink(
  plan: Plan,
  fails = async (of: Plan) => (await violationsOf(of)) !== undefined,
): Promise<Plan> {
  let smallest = plan;
  let runs = 0;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of smallerThan(smallest)) {
      if (++runs > mostRuns) return smallest;
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function* smallerThan(plan: Plan): Generator<Plan> {
  const { requests } = plan;
  for (let size = Math.floor(requests.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let start = 0; start < requests.length; start += size)
      yield { ...plan, requests: requests.filter((_, n) => n < start || n >= start + size) };
  const none = calm(plan);
  for (const name of ['crashes', 'tears', 'stale', 'names', 'doubles', 'clocks', 'check'] as const)
    if (plan[name] !== none[name]) yield { ...plan, [name]: none[name] };
  for (const [fault, rate] of Object.entries(plan.rates))
    if (rate > 0) yield { ...plan, rates: { ...plan.rates, [fault]: 0 } };
  if (plan.processes > 1)
    yield { ...plan, processes: 1, requests: requests.map((request) => ({ ...request, process: 0 })) };
}
