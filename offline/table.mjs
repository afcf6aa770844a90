// Listed after serverless-dynamodb: makes the table once DynamoDB Local answers. What it does stands in offline/table.ts.
import { tsImport } from 'tsx/esm/api';

export default class Table {
  /** @param {import('./table.ts').Serverless} serverless */
  constructor(serverless) {
    this.hooks = {
      'before:offline:start:init': async () => (await tsImport('./table.ts', import.meta.url)).makeTable(serverless),
    };
  }
}
