/**
 * How long a request of a client of AWS may take: without it the client waits without end (`DEFAULT_REQUEST_TIMEOUT` of
 * @smithy/node-http-handler), and whatever it works for with it. Several times what the services take that we call; the
 * client repeats by itself what was not answered, three times in all.
 */
export const PATIENCE = { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true } as const;
