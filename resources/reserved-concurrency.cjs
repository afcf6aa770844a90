// How many at once are kept for sending and for projecting, each: --param="reservedConcurrency=50". Off unless told, since a new
// account has no quota to reserve from. JavaScript, because a parameter is text and Lambda wants a number.
module.exports = async ({ resolveVariable }) => {
  const text = await resolveVariable("param:reservedConcurrency, ''");
  return text === '' ? null : Number(text);
};
