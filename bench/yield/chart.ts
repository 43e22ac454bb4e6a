/** Areas that are stacked over time, as an SVG that is read on light and on dark ground. The same numbers give the same text. */

export interface Panel {
  readonly title: string;
  /** From the bottom to the top. */
  readonly layers: readonly { readonly name: string; readonly values: readonly number[] }[];
  /** A line across. */
  readonly limit: { readonly name: string; readonly value: number };
}

const [WIDTH, PANEL_HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [960, 300, 64, 16, 56, 36];
const COLOURS = ['#8a93a3', '#2f9e6e', '#d9822b', '#7c5cd6', '#3b82c4'];
const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #24292f }
  .axis { stroke: #8c959f; fill: none } .limit { stroke: #cf222e; stroke-dasharray: 6 4; fill: none }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .limit { stroke: #ff7b72 } }
`;

export function chart(title: string, panels: readonly Panel[]): string {
  const height = panels.length * PANEL_HEIGHT;
  const drawn = panels.map((panel, at) => `<g transform="translate(0 ${at * PANEL_HEIGHT})">${draw(panel)}</g>`);
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img">`;
  return `${open}\n<title>${title}</title>\n<style>${STYLE}</style>\n${drawn.join('\n')}\n</svg>\n`;
}

function draw({ title, layers, limit }: Panel): string {
  const seconds = Math.max(...layers.map(({ values }) => values.length));
  const x = (s: number) => LEFT + (s / (seconds - 1)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => PANEL_HEIGHT - BOTTOM - (value / limit.value / HEADROOM) * (PANEL_HEIGHT - TOP - BOTTOM);
  const floor = new Array<number>(seconds).fill(0);
  const areas = layers.map(({ values }, at) => {
    const top = floor.map((base, s) => base + (values[s] ?? 0));
    const there = top.map((value, s) => point(x(s), y(value)));
    const back = floor.map((value, s) => point(x(s), y(value))).reverse();
    top.forEach((value, s) => {
      floor[s] = value;
    });
    return `<polygon fill="${colourOf(at)}" fill-opacity="0.85" points="${[...there, ...back].join(' ')}"/>`;
  });
  return [
    text(LEFT, 18, title),
    legend([...layers.map(({ name }) => name)]),
    ...areas,
    `<path class="axis" d="M${LEFT} ${TOP}V${PANEL_HEIGHT - BOTTOM}H${WIDTH - RIGHT}"/>`,
    `<path class="limit" d="M${LEFT} ${fixed(y(limit.value))}H${WIDTH - RIGHT}"/>`,
    text(WIDTH - RIGHT, y(limit.value) - 5, limit.name, 'end'),
    ...[0, limit.value / 2, limit.value].map((value) => text(LEFT - 8, y(value) + 4, String(value), 'end')),
    ...every(seconds).map((s) => text(x(s), PANEL_HEIGHT - BOTTOM + 18, `${s} s`, 'middle')),
  ].join('\n');
}

const HEADROOM = 1.08;
const TICK_S = 60;

const every = (seconds: number) => Array.from({ length: Math.ceil(seconds / TICK_S) }, (_, at) => at * TICK_S);

function legend(names: readonly string[]): string {
  const each = (WIDTH - LEFT - RIGHT) / Math.max(4, names.length);
  const marks = names.map((name, at) => {
    const left = LEFT + at * each;
    return `<rect x="${left}" y="28" width="12" height="12" fill="${colourOf(at)}"/>${text(left + 18, 39, name)}`;
  });
  return marks.join('');
}

const colourOf = (at: number) => COLOURS[at % COLOURS.length];
const fixed = (number: number) => number.toFixed(1);
const point = (x: number, y: number) => `${fixed(x)},${fixed(y)}`;
const text = (x: number, y: number, what: string, anchor = 'start') =>
  `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}">${what}</text>`;
