import type { LambdaFunction } from './functions';

/** What Lambda itself sets. Source: Lambda developer guide, "Defined runtime environment variables". */
export function runtimeVariables(target: LambdaFunction, logStreamName: string): Record<string, string> {
  return {
    _HANDLER: target.handler,
    AWS_EXECUTION_ENV: `AWS_Lambda_${target.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(target.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: target.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${target.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: logStreamName,
    AWS_REGION: target.region,
    AWS_DEFAULT_REGION: target.region,
    LAMBDA_TASK_ROOT: target.codeFolder,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    // Not of AWS: without it the SDK would look for profiles in the home folder of whoever runs local AWS.
    HOME: target.codeFolder,
    // Not of AWS: it is this machine's Node.js that runs, not the runtime that the function names, and each environment's copy of
    // the SDK would complain of it anew. Source: aws-sdk-js-v3, issue 7983.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
}
