/** Text of at most so many UTF-16 units. What is cut ends in `...`, and never within a character: half of one cannot be sent. */
export const cutText = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 3).replace(/[\uD800-\uDBFF]$/, '')}...`;
