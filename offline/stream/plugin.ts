import { localSettings, type ServerlessLike } from '../settings.ts';
import { eventSources } from './event-sources.ts';
import { lambdaInvoker } from './invoke.ts';
import { type Poller, startPoller } from './poller.ts';

/** What the plugin reads of Serverless. */
export interface Host extends ServerlessLike {
  processedInput: { commands: string[] };
  classes: { Error: new (message: string, code: string) => Error };
}

export interface StreamPlugin {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Reads the service's stream events; `start` begins to deliver them.
 * @throws Serverless's own error, which it prints as one line, for a setting that is not emulated
 */
export function streamPlugin(serverless: Host, warn: (line: string) => void): StreamPlugin {
  const sources = (() => {
    try {
      return eventSources(serverless.service.functions);
    } catch (error) {
      throw new serverless.classes.Error((error as Error).message, 'STREAM_SETTING_NOT_EMULATED');
    }
  })();
  let poller: Poller | undefined;
  return {
    start: () => {
      const settings = localSettings(serverless);
      poller = startPoller({ settings, sources, invoke: lambdaInvoker(settings.ports.lambda), warn });
    },
    stop: async () => poller?.stop(),
  };
}
