import fc from 'fast-check';
import { dueHeap } from '../../sqs/messages/due-heap';

test('whatever was added comes out once, the earliest first, and never before it is due', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.array(fc.nat(60)), (instants, moments) => {
      const heap = dueHeap<number>();
      instants.forEach((at, index) => {
        heap.add(at, index);
      });
      const waiting = [...instants];
      for (const now of [...moments, Number.POSITIVE_INFINITY]) {
        const due = waiting.filter((at) => at <= now).sort((a, b) => a - b);
        for (const at of due) {
          expect(heap.firstAt).toBe(at);
          expect(heap.takeDue(now)?.at).toBe(at);
          waiting.splice(waiting.indexOf(at), 1);
        }
        expect(heap.takeDue(now)).toBeUndefined();
      }
      expect(heap.firstAt).toBe(Number.POSITIVE_INFINITY);
    }),
  );
});
