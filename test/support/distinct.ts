/** The values that something has, each once: of nothing there are none, so that a test of all fails where there is nothing. */
export const distinct = <Item, Value>(items: readonly Item[], of: (item: Item) => Value): readonly Value[] => [
  ...new Set(items.map(of)),
];
