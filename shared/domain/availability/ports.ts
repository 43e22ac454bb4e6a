/** What is needed to have somebody look at a key that cannot be used. */

export interface Pager {
  /**
   * Pages on-call. Repeats with the same `incidentId` belong together.
   *
   * @throws KeywrightError `page.not-sent` (retry).
   */
  page(page: { readonly incidentId: string; readonly subject: string; readonly body: string }): Promise<void>;
}
