/** Webhooks are sent to the public internet alone, unless the stack says otherwise: on this machine they are beside local AWS. */

interface Variables {
  readonly [name: string]: unknown;
}

/** A copy of the packaged template, as `KEYWRIGHT_LOOPBACK=allowed npm run package` makes it. */
export function withLocalWebhooks(template: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const made = structuredClone(template);
  const resources = Object.values((made['Resources'] ?? {}) as Record<string, { Properties?: Variables }>);
  for (const { Properties } of resources) {
    const { Variables: variables } = (Properties?.['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
    if (variables && 'LOOPBACK' in variables) variables['LOOPBACK'] = 'allowed';
  }
  return made;
}
