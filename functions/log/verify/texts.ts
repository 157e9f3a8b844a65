import { commitmentsOf } from '../../../domain/feature/eventFacts.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import type { Commit } from '../../../domain/kernel/commit.ts';
import { isRedactionStream } from '../../../domain/redaction/decide.ts';
import type { TextPorts } from '../../gate/texts.ts';
import { readText } from '../../gate/texts.ts';

const FEATURE_PREFIX = featureStream('');

/** The number of officials' texts that a log commits to, and of redacted ones. */
export interface TextCount {
  readonly commitments: number;
  readonly redacted: number;
}

/** Counts the commitments to officials' texts in a log, and the redactions. */
export class NamedTexts {
  /** The first commit that holds each commitment. */
  readonly #named = new Map<string, string>();
  #redacted = 0;

  /** Reads a commit. An event that is not a feature's holds no commitment; its validity is checked elsewhere. */
  take(commit: Pick<Commit, 'stream' | 'version' | 'events'>): void {
    const isFeature = commit.stream.startsWith(FEATURE_PREFIX);
    this.takeParsed(commit, isFeature ? commit.events.flatMap((event) => FeatureEvent.safeParse(event).data ?? []) : []);
  }

  /** Reads a commit whose events are parsed already. `parsed`: the events of a feature's stream, empty for any other. */
  takeParsed({ stream, version, events }: Pick<Commit, 'stream' | 'version' | 'events'>, parsed: readonly FeatureEvent[]): void {
    if (isRedactionStream(stream)) this.#redacted += events.length;
    for (const commitment of parsed.flatMap(commitmentsOf))
      if (!this.#named.has(commitment)) this.#named.set(commitment, `${stream}@${version}`);
  }

  get count(): TextCount {
    return { commitments: this.#named.size, redacted: this.#redacted };
  }

  /** Returns the texts that are missing and were not redacted, with the commit that committed to each. */
  async missing(ports: TextPorts): Promise<readonly { readonly commitment: string; readonly namedBy: string }[]> {
    const missing = [];
    for (const [commitment, namedBy] of this.#named)
      if ((await readText(ports, commitment)) === undefined) missing.push({ commitment, namedBy });
    return missing;
  }
}
