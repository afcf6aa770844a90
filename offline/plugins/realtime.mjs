// Leaves the WebSocket API out when the parameter `realtime` is off (locally the variable REALTIME): its functions, their roles, and
// whatever else refers to them. Clients poll then.

/** The functions that have no use without the WebSocket API. */
const functionNames = [
  'createTicket',
  'endConnections',
  'admitConnection',
  'openConnection',
  'closeConnection',
  'answerFrame',
  'relayTyping',
  'pushEvents',
];

/** @typedef {{ Type?: string, Properties?: { Policies?: { PolicyDocument: { Statement: object[] } }[] } }} Resource */
/** @typedef {{ functions: Record<string, object>, resources: { Resources: Record<string, Resource>, extensions: Record<string, object> } }} Service */

export default class Realtime {
  /** @param {{ service: Service & { custom: { realtime: string } } }} serverless */
  constructor(serverless) {
    this.hooks = {
      initialize: () => {
        const { realtime } = serverless.service.custom;
        if (realtime === 'off') leaveOut(serverless.service);
        else if (realtime !== 'on')
          refuse(`The parameter realtime (locally REALTIME) is "${realtime}": it must be on or off.`);
      },
    };
  }
}

/** @param {Service} service */
export function leaveOut({ functions, resources: { Resources, extensions } }) {
  for (const name of functionNames) delete functions[name];
  const ids = functionNames.map((name) => name.charAt(0).toUpperCase() + name.slice(1));
  for (const id of ids) delete Resources[`${id}Role`];
  const gone = ['WebsocketsApi', ...ids.map((id) => `${id}LambdaFunction`)];
  for (const [id, resource] of Object.entries(Resources))
    if (gone.some((each) => JSON.stringify(resource).includes(`"Ref":"${each}"`))) delete Resources[id];
  for (const { Properties } of Object.values(Resources).filter((resource) => resource.Type === 'AWS::IAM::Role'))
    for (const { PolicyDocument } of Properties?.Policies ?? [])
      PolicyDocument.Statement = PolicyDocument.Statement.filter(
        (/** @type {object} */ statement) => !JSON.stringify(statement).includes('{WebsocketsApi}'),
      );
  for (const id of Object.keys(extensions)) if (id.includes('Websockets')) delete extensions[id];
}

/** @param {string} why @returns {never} */
function refuse(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
