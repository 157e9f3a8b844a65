import type { Consumer } from '../../../../functions/platform/feed/consumer.ts';
import type { Gate } from '../../openGate.ts';

type Told = { readonly seen: string[]; readonly consumer: Consumer };

const WANTED = 'feature/';
/** A consumer that notes what it is told; `trouble` may throw instead. */
export const listener = (trouble: (place: string) => Promise<void> | void = () => undefined): Told => {
  const seen: string[] = [];
  return {
    seen,
    consumer: {
      name: 'listener',
      wants: (stream) => stream.startsWith(WANTED),
      handle: async ({ stream, version }) => {
        await trouble(`${stream}@${version}`);
        seen.push(`${stream.slice(WANTED.length)}@${version}`);
      },
    },
  };
};

/** So many notices of one feature, each a commit. */
export const withNotices = async (gate: Gate, feature: string, times: number): Promise<void> => {
  for (let index = 0; index < times; index += 1) await gate.notice({ feature, title: `Number ${index}` });
};
