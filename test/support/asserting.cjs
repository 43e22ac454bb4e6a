/** A test in which nothing was asserted can not fail: here it does. */
beforeEach(() => expect.hasAssertions());
