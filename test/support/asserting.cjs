/** A test in which nothing was asserted cannot fail: here it does. */
beforeEach(() => expect.hasAssertions());
