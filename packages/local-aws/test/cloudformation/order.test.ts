import fc from 'fast-check';
import { inOrder } from '../../cloudformation/order';

const resource = (Properties: object, more: object = {}) => ({ Type: 'T', Properties: Properties as never, ...more });

test('a resource comes after everything that it refers to, however it does', () => {
  const order = inOrder({
    ByRef: resource({ a: { Ref: 'Target' } }),
    ByAttribute: resource({ a: [{ 'Fn::GetAtt': ['ByRef', 'Arn'] }] }),
    ByText: resource({ a: { 'Fn::Sub': `x/\${ByAttribute.Arn}` } }),
    ByTextVariable: resource({ a: { 'Fn::Sub': [`\${V}`, { V: { Ref: 'ByText' } }] } }),
    ByBranch: resource({ a: { 'Fn::If': ['C', { Ref: 'ByTextVariable' }, 'x'] } }),
    ByName: resource({}, { DependsOn: ['ByBranch'] }),
    Target: resource({}),
  });

  expect(order).toEqual(['Target', 'ByRef', 'ByAttribute', 'ByText', 'ByTextVariable', 'ByBranch', 'ByName']);
});

test('a circle is refused, and shown', () => {
  const circle = { A: resource({ b: { Ref: 'B' } }), B: resource({ a: { 'Fn::GetAtt': ['A', 'Arn'] } }) };

  expect(() => inOrder(circle)).toThrow('Resources depend on each other in a circle: A -> B -> A.');
});

test('any template without a circle has an order in which nothing is used before it is made', () => {
  // Each resource refers to some with a smaller number, and they are written down in any order.
  const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.record({
      uses: fc.tuple(...Array.from({ length: size }, (_, n) => (n === 0 ? fc.constant([]) : fc.array(fc.nat(n - 1))))),
      written: fc.shuffledSubarray([...Array(size).keys()], { minLength: size }),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ uses, written }) => {
      const refs = (n: number) => (uses[n] ?? []).map((m) => ({ Ref: `R${m}` }));
      const order = inOrder(Object.fromEntries(written.map((n) => [`R${n}`, resource({ refs: refs(n) })])));

      expect(order).toHaveLength(written.length);
      for (const n of written)
        for (const m of uses[n] ?? []) expect(order.indexOf(`R${m}`)).toBeLessThan(order.indexOf(`R${n}`));
    }),
  );
});
