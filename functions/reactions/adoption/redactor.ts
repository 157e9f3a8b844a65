import { isRedactionStream } from '../../../domain/redaction/decide.ts';
import { indexRedaction, redactionAggregate, TEXT_KIND, type TextPorts } from '../../gate/redactions.ts';
import type { Consumer } from '../../platform/feed/consumer.ts';
import { eventsOf } from '../../platform/store/load.ts';

/**
 * Returns a consumer of the feed that carries out redactions, also after a crash and after an old backup was restored. It is the only one
 * that destroys a text, with its salt, and does so for the disposal in the very commit it was given: a later commit of the stream, which may
 * not be judged yet, destroys nothing.
 */
export const redactor = (ports: TextPorts): Consumer => ({
  name: 'redactor',
  wants: isRedactionStream,
  handle: async (commit) => {
    for (const { type, commitment } of eventsOf(redactionAggregate, commit)) {
      if (type === 'TextDisposed') await ports.sideStore.erase(TEXT_KIND, commitment);
      await indexRedaction(ports, commitment);
    }
  },
});
