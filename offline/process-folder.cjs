// The name of the folder for the temporary files of one process: several processes of one checkout run or build at once. It is fixed for
// a deployed stage, since osls skips a deployment only if everything is as it was, its own configuration included.
/** @param {{ resolveVariable(variable: string): Promise<string> }} osls */
module.exports = async ({ resolveVariable }) =>
  (await resolveVariable('sls:stage')) === 'local' ? resolveVariable('sls:instanceId') : 'package';
