/** The address of the WebSocket API, such as `wss://….amazonaws.com/prod`; undefined if it is switched off: then the client polls. */
export const realtimeUrl = process.env.REALTIME_URL || undefined;
