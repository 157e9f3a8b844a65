import type { Commit } from '../../../domain/kernel/commit.ts';
import {
  evolveRedaction,
  hidingAt,
  isRedactionStream,
  type Place,
  type RedactionState,
  redactionStream,
} from '../../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { isMissing, type NamingEvent, namedBy, namingEvents, type TextPorts } from '../../gate/redactions.ts';

/** Officials' texts that a log commits to, and those withheld. `files`: withheld raw notices and documents. */
export interface TextCount {
  readonly commitments: number;
  readonly withheld: number;
  readonly files: number;
}

/** Counts the commitments to officials' texts in a log, and what became of the texts. */
export class NamedTexts {
  readonly #named = new Map<string, string>();
  readonly #redactions = new Map<string, RedactionState>();

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
    const hidden = [...this.#redactions.values()].flatMap((state) => state.find(({ status }) => status === 'withheld') ?? []);
    const files = hidden.filter(({ what }) => what !== 'text').length;
    return { commitments: this.#named.size, withheld: hidden.length - files, files };
  }

  isHidden(digest: string, places: readonly Place[]): boolean {
    const state = this.#redactions.get(redactionStream(digest)) ?? [];
    if (places.length === 0) return state.some(({ status }) => status === 'withheld');
    return places.every((place) => hidingAt(state, place) !== undefined);
  }

  #redact(stream: string, events: readonly unknown[]): void {
    const parsed = events.map((event) => RedactionEvent.parse(event));
    this.#redactions.set(stream, parsed.reduce(evolveRedaction, this.#redactions.get(stream) ?? []));
  }

  async missing(ports: TextPorts): Promise<readonly { readonly commitment: string; readonly namedBy: string }[]> {
    const missing = [];
    for (const [commitment, namedBy] of this.#named)
      if (await isMissing(ports, commitment)) missing.push({ commitment, namedBy });
    return missing;
  }
}
