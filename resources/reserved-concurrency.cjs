// Reserved concurrency of sending and of projecting, for each: --param="reservedConcurrency=50". Default none, since the quota of a
// new AWS account leaves nothing to reserve. JavaScript, because a parameter is text and Lambda needs a number.
module.exports = async ({ resolveVariable }) => {
  const text = await resolveVariable("param:reservedConcurrency, ''");
  return text === '' ? null : Number(text);
};
