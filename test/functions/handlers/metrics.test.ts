import { expect, test } from 'vitest';
import { publishDelayLine } from '../../../functions/handlers/runtime/invocation.ts';

test('a line is what CloudWatch’s embedded metric format asks for', () => {
  expect(JSON.parse(publishDelayLine(1.5, 'town-sequencer', 1_700_000_000_000))).toStrictEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        { Namespace: 'Aldergate', Dimensions: [['FunctionName']], Metrics: [{ Name: 'PublishDelay', Unit: 'Seconds' }] },
      ],
    },
    FunctionName: 'town-sequencer',
    PublishDelay: 1.5,
  });
});
