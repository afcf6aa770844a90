/**
 * Random numbers from 0 to 1, the same for the same seed: a linear congruential generator (Numerical Recipes' constants), good
 * enough to shuffle with. Its low bits repeat soon, so the division uses the high ones.
 */
export function randomFrom(seed: number): () => number {
  let state = (seed ^ 0x5bd1e995) >>> 0;
  const step = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  step(); // the first numbers of neighbouring seeds are alike
  return step;
}
