import middy from '@middy/core';
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { admitConnection } from '../../core/admit-connection.ts';
import { deps } from '../deps.ts';
import { base } from '../middleware/base.ts';
import { logger } from '../middleware/telemetry.ts';

/**
 * The authorizer of `$connect`: takes the ticket of the address, and hands on to every function of the connection whose it is. The address
 * is never logged. A refused connection learns nothing but that.
 */
export const handler = middy<APIGatewayRequestAuthorizerEvent, APIGatewayAuthorizerResult>()
  .use(base())
  .handler(async ({ queryStringParameters, methodArn }) => {
    const grant = await admitConnection(deps, queryStringParameters?.ticket ?? '');
    logger.info('connect', { allowed: grant !== undefined, user_uuid: grant?.user_uuid });
    return {
      principalId: grant?.user_uuid ?? 'nobody',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: grant ? 'Allow' : 'Deny', Resource: methodArn }],
      },
      context: { ...grant },
    };
  });
