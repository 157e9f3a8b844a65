import { commitmentsOf } from '../../../domain/feature/eventFacts.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import type { Commit } from '../../../domain/kernel/commit.ts';
import { isRedactionStream } from '../../../domain/redaction/decide.ts';
import type { TextPorts } from '../../gate/textPorts.ts';
import { readText } from '../../gate/texts.ts';

const FEATURE_PREFIX = featureStream('');

/** How many texts of officials a log names by a commitment, and how many of them were redacted. */
export interface TextCount {
  readonly commitments: number;
  readonly redacted: number;
}

/** Keeps count of the commitments to officials' texts that a log names, and of redactions. */
export class NamedTexts {
  /** By commitment: the commit that named it first. */
  readonly #named = new Map<string, string>();
  #redacted = 0;

  /** A commit of the log. What is no event of a feature names no text; whether it may stand there is for others to say. */
  take(commit: Pick<Commit, 'stream' | 'version' | 'events'>): void {
    const isFeature = commit.stream.startsWith(FEATURE_PREFIX);
    this.takeParsed(commit, isFeature ? commit.events.flatMap((event) => FeatureEvent.safeParse(event).data ?? []) : []);
  }

  /** The same for whoever has parsed the events already. `parsed`: those of a feature; none of any other stream. */
  takeParsed({ stream, version, events }: Pick<Commit, 'stream' | 'version' | 'events'>, parsed: readonly FeatureEvent[]): void {
    if (isRedactionStream(stream)) this.#redacted += events.length;
    for (const commitment of parsed.flatMap(commitmentsOf))
      if (!this.#named.has(commitment)) this.#named.set(commitment, `${stream}@${version}`);
  }

  get count(): TextCount {
    return { commitments: this.#named.size, redacted: this.#redacted };
  }

  /** The texts that are gone and that nobody redacted, with the commit that names them. */
  async missing(ports: TextPorts): Promise<readonly { readonly commitment: string; readonly namedBy: string }[]> {
    const missing = [];
    for (const [commitment, namedBy] of this.#named)
      if ((await readText(ports, commitment)) === undefined) missing.push({ commitment, namedBy });
    return missing;
  }
}
