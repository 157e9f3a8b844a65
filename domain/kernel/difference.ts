export interface TextRun {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** The most cells of the comparison table; longer middles are shown as replaced whole. */
const CELLS_MAX = 4_000_000;

const tokensOf = (text: string): readonly string[] => text.match(/\s+|[\p{L}\p{M}\p{N}_'’-]+|[^\s]/gu) ?? [];

const sharedLength = (before: readonly string[], after: readonly string[], from: 'start' | 'end', most: number): number => {
  let length = 0;
  while (length < most) {
    const [one, other] =
      from === 'start' ? [before[length], after[length]] : [before[before.length - 1 - length], after[after.length - 1 - length]];
    if (one !== other) break;
    length += 1;
  }
  return length;
};

/** Returns a function from a row of `before` and a column of `after` to the number of common tokens from there on. */
const tailLengths = (before: readonly string[], after: readonly string[]): ((row: number, column: number) => number) => {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let row = before.length - 1; row >= 0; row -= 1) {
    for (let column = after.length - 1; column >= 0; column -= 1) {
      const here = row * width + column;
      const below = lengths[here + width] ?? 0;
      const beside = lengths[here + 1] ?? 0;
      lengths[here] = before[row] === after[column] ? (lengths[here + width + 1] ?? 0) + 1 : Math.max(below, beside);
    }
  }
  return (row, column) => lengths[row * width + column] ?? 0;
};

const compareMiddles = (before: readonly string[], after: readonly string[]): TextRun[] => {
  if (before.length * after.length > CELLS_MAX) {
    return [
      { kind: 'gone', text: before.join('') },
      { kind: 'new', text: after.join('') },
    ];
  }
  const sameFrom = tailLengths(before, after);
  const runs: TextRun[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [one, other] = [before[row], after[column]];
    if (one !== undefined && one === other) {
      runs.push({ kind: 'same', text: one });
      row += 1;
      column += 1;
    } else if (other === undefined || (one !== undefined && sameFrom(row + 1, column) >= sameFrom(row, column + 1))) {
      runs.push({ kind: 'gone', text: one ?? '' });
      row += 1;
    } else {
      runs.push({ kind: 'new', text: other });
      column += 1;
    }
  }
  return runs;
};

/** A single space between two changed words belongs to both, so that whole phrases read as changed. */
const joined = (runs: readonly TextRun[]): readonly TextRun[] => {
  const result: TextRun[] = [];
  let gone = '';
  let fresh = '';
  const flush = () => {
    if (gone !== '') result.push({ kind: 'gone', text: gone });
    if (fresh !== '') result.push({ kind: 'new', text: fresh });
    [gone, fresh] = ['', ''];
  };
  for (const [index, run] of runs.entries()) {
    const next = runs[index + 1];
    const bridge =
      run.kind === 'same' &&
      /^\s+$/.test(run.text) &&
      (gone !== '' || fresh !== '') &&
      next !== undefined &&
      next.kind !== 'same';
    if (run.kind === 'gone' || bridge) gone += run.text;
    if (run.kind === 'new' || bridge) fresh += run.text;
    if (run.kind !== 'same' || bridge) continue;
    flush();
    const last = result.at(-1);
    if (last?.kind === 'same') result[result.length - 1] = { kind: 'same', text: last.text + run.text };
    else result.push(run);
  }
  flush();
  return result;
};

/** Returns what changed, word by word: `same` and `gone` make up the earlier text, `same` and `new` the later one. */
export const difference = (before: string, after: string): readonly TextRun[] => {
  const [from, to] = [tokensOf(before), tokensOf(after)];
  const head = sharedLength(from, to, 'start', Math.min(from.length, to.length));
  const tail = sharedLength(from, to, 'end', Math.min(from.length, to.length) - head);
  const same = (tokens: readonly string[]): TextRun[] => (tokens.length === 0 ? [] : [{ kind: 'same', text: tokens.join('') }]);
  const middle = compareMiddles(from.slice(head, from.length - tail), to.slice(head, to.length - tail));
  return joined([...same(from.slice(0, head)), ...middle, ...same(from.slice(from.length - tail))]);
};
