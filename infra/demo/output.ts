import type { Variant } from '../../domain/feature/evaluate.ts';
import type { Step } from './step.ts';

/** Output of the demo: plain lines; on a terminal with colour and a line that is redrawn. */
export interface DemoOutput {
  readonly line: (text?: string) => void;
  readonly heading: (text: string) => void;
  readonly step: (number: number, step: Step) => void;
  readonly working: (text: string) => void;
  readonly failed: (text: string) => void;
}

const ESCAPE = '\u001b[';

/** Returns the output that writes to a stream. */
export const outputOn = (out: NodeJS.WriteStream): DemoOutput => {
  const coloured = out.isTTY === true && process.env.NO_COLOR === undefined;
  const paint = (code: number, text: string): string => (coloured ? `${ESCAPE}${code}m${text}${ESCAPE}0m` : text);
  const line = (text = ''): void => void out.write(`${out.isTTY === true ? `\r${ESCAPE}K` : ''}${text}\n`);
  const answer = (variant: Variant): string =>
    variant === 'enabled' ? paint(32, 'true (enabled)') : `${paint(33, 'false')} (${variant})`;
  return {
    line,
    heading: (text) => line(paint(1, text)),
    step: (number, { day, title, key, agency, was, is }) => {
      line(`${String(number).padStart(2)}  day ${String(day).padEnd(4)} ${title}`);
      line(`              ${key}${agency === undefined ? '' : ` for ${agency}`}: ${answer(was)} → ${answer(is)}`);
    },
    working: (text) => {
      if (out.isTTY === true) out.write(`\r${ESCAPE}K${paint(2, text)}`);
    },
    failed: (text) => line(paint(31, text)),
  };
};
