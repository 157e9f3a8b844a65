import { isRedactionStream } from '../../../domain/redaction/decide.ts';
import { carryOut, redactionAggregate, type TextPorts } from '../../gate/redactions.ts';
import type { Consumer } from '../../platform/feed/consumer.ts';
import { load } from '../../platform/store/load.ts';

/**
 * Returns a consumer of the feed that carries out redactions, also after a crash between the fact and the deed and after an old backup was
 * restored.
 */
export const redactor = (ports: TextPorts): Consumer => ({
  name: 'redactor',
  wants: isRedactionStream,
  handle: async ({ stream }) => {
    const { state } = await load(ports.store, redactionAggregate, stream);
    if (state !== null) await carryOut(ports, state.commitment);
  },
});
