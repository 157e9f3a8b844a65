import type { Commit } from '../../../domain/kernel/commit.ts';
import { isRedactionStream, redactionStream } from '../../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { evolveRedaction, isHidden, type RedactionState } from '../../../domain/redaction/state.ts';
import { type NamingEvent, namedBy, namingEvents } from '../../gate/named.ts';
import type { TextPorts } from '../../gate/redactions.ts';
import { isMissing } from '../../gate/texts.ts';

/**
 * The number of officials' texts that a log commits to, of those that are withheld, and of those that were disposed of. `files`: the number
 * of raw notices and documents that are withheld.
 */
export interface TextCount {
  readonly commitments: number;
  readonly withheld: number;
  readonly disposed: number;
  readonly files: number;
}

/** Counts the commitments to officials' texts in a log, and what became of the texts. */
export class NamedTexts {
  /** The first commit that holds each commitment. */
  readonly #named = new Map<string, string>();
  readonly #redactions = new Map<string, RedactionState>();

  /** Reads a commit. Its validity is checked elsewhere. */
  take(commit: Pick<Commit, 'stream' | 'version' | 'events'>): void {
    this.takeParsed(commit, namingEvents(commit.stream, commit.events));
  }

  /** Reads a commit whose events are parsed already. `parsed`: those that can name a text. */
  takeParsed({ stream, version, events }: Pick<Commit, 'stream' | 'version' | 'events'>, parsed: readonly NamingEvent[]): void {
    if (isRedactionStream(stream)) this.#redact(stream, events);
    for (const { what, commitment } of parsed.flatMap((event) => namedBy(stream, event)))
      if (what === 'text' && !this.#named.has(commitment)) this.#named.set(commitment, `${stream}@${version}`);
  }

  get count(): TextCount {
    const hidden = [...this.#redactions.values()].filter(isHidden);
    const disposed = hidden.filter(({ status }) => status === 'disposed').length;
    const files = hidden.filter(({ what }) => what !== 'text').length;
    return { commitments: this.#named.size, withheld: hidden.length - disposed - files, disposed, files };
  }

  /** Reports whether an order of the log hides what a digest names. */
  isHidden(digest: string): boolean {
    return isHidden(this.#redactions.get(redactionStream(digest)) ?? null);
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
