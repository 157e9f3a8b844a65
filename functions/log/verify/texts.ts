import { commitmentsOf } from '../../../domain/feature/eventFacts.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import type { Commit } from '../../../domain/kernel/commit.ts';
import { safeParseOnce } from '../../../domain/kernel/parseOnce.ts';
import { isRedactionStream } from '../../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { evolveRedaction, type RedactionState } from '../../../domain/redaction/state.ts';
import type { TextPorts } from '../../gate/redactions.ts';
import { isMissing } from '../../gate/texts.ts';

const FEATURE_PREFIX = featureStream('');

/** The number of officials' texts that a log commits to, of those that are withheld, and of those that were disposed of. */
export interface TextCount {
  readonly commitments: number;
  readonly withheld: number;
  readonly disposed: number;
}

/** Counts the commitments to officials' texts in a log, and what became of the texts. */
export class NamedTexts {
  /** The first commit that holds each commitment. */
  readonly #named = new Map<string, string>();
  readonly #redactions = new Map<string, RedactionState>();

  /** Reads a commit. An event that is not a feature's holds no commitment; its validity is checked elsewhere. */
  take(commit: Pick<Commit, 'stream' | 'version' | 'events'>): void {
    const isFeature = commit.stream.startsWith(FEATURE_PREFIX);
    this.takeParsed(commit, isFeature ? commit.events.flatMap((event) => safeParseOnce(FeatureEvent, event).data ?? []) : []);
  }

  /** Reads a commit whose events are parsed already. `parsed`: the events of a feature's stream, empty for any other. */
  takeParsed({ stream, version, events }: Pick<Commit, 'stream' | 'version' | 'events'>, parsed: readonly FeatureEvent[]): void {
    if (isRedactionStream(stream)) this.#redact(stream, events);
    for (const commitment of parsed.flatMap(commitmentsOf))
      if (!this.#named.has(commitment)) this.#named.set(commitment, `${stream}@${version}`);
  }

  get count(): TextCount {
    const statuses = [...this.#redactions.values()].map((state) => state?.status);
    const disposed = statuses.filter((status) => status === 'disposed').length;
    const disclosed = statuses.filter((status) => status === 'disclosed').length;
    return { commitments: this.#named.size, withheld: statuses.length - disposed - disclosed, disposed };
  }

  #redact(stream: string, events: readonly unknown[]): void {
    const parsed = events.map((event) => RedactionEvent.parse(event));
    this.#redactions.set(stream, parsed.reduce(evolveRedaction, this.#redactions.get(stream) ?? null));
  }

  /** Returns the texts that are missing and were not disposed of, with the commit that committed to each. */
  async missing(ports: TextPorts): Promise<readonly { readonly commitment: string; readonly namedBy: string }[]> {
    const missing = [];
    for (const [commitment, namedBy] of this.#named)
      if (await isMissing(ports, commitment)) missing.push({ commitment, namedBy });
    return missing;
  }
}
