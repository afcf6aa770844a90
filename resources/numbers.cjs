// Parameters that AWS wants as numbers. JavaScript, because a parameter of the command is text. 0 stands for none: what has the number
// is then left out by a condition.

/** @param {string} name */
const numberOf =
  (name) =>
  /** @param {{ resolveVariable(variable: string): Promise<unknown> }} osls */
  async ({ resolveVariable }) =>
    Number((await resolveVariable(`param:${name}`)) || 0);

module.exports = {
  monthlyBudget: numberOf('monthlyBudget'),
  poolRequestsPerAddress: numberOf('poolRequestsPerAddress'),
};
