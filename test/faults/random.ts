/**
 * Random numbers from 0 to 1, the same for the same seed: the small fast counter of PractRand (sfc32), whose neighbouring seeds
 * have nothing in common after a few steps.
 */
export function randomFrom(seed: number): () => number {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];
  const step = () => {
    const sum = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let n = 0; n < 12; n++) step();
  return step;
}
