import { expect, test } from 'vitest';
import { countingBus, emf, type Measured } from '../../../functions/handlers/runtime/metrics.ts';
import type { Bus, CloudEvent } from '../../../functions/platform/bus/port.ts';

test('a line is what CloudWatch’s embedded metric format asks for', () => {
  expect(JSON.parse(emf({ PublishDelay: 1.5, Notices: 2 }, 'town-sequencer', 1_700_000_000_000))).toStrictEqual({
    _aws: {
      Timestamp: 1_700_000_000_000,
      CloudWatchMetrics: [
        {
          Namespace: 'Aldergate',
          Dimensions: [['FunctionName']],
          Metrics: [
            { Name: 'PublishDelay', Unit: 'Seconds' },
            { Name: 'Notices', Unit: 'Count' },
          ],
        },
      ],
    },
    FunctionName: 'town-sequencer',
    PublishDelay: 1.5,
    Notices: 2,
  });
});

const event = (id: string, name: string): CloudEvent => ({
  specversion: '1.0',
  id,
  source: 'aldergate',
  type: `aldergate.${name}.v1`,
  subject: 'acme',
  time: '2026-03-02T12:00:00.000Z',
  datacontenttype: 'application/json',
  sequence: 1,
  data: {},
});

test('notices and decisions are counted once the bus has taken them, and nothing else is', async () => {
  const told: Measured[] = [];
  const bus: Bus = {
    publish: async (events) => events.filter(({ id }) => id === 'lost').map((each) => ({ event: each, code: 'x', message: 'x' })),
  };
  const counting = countingBus(bus, (measured) => told.push(measured));
  const names = [
    'ChangeNotified',
    'ChangeRevised',
    'VoteCertified',
    'SignatureGiven',
    'BallotCast',
    'AdviceGiven',
    'ApprovalRevoked',
  ];
  const events = [
    ...names.map((name) => event(name, `feature.${name}`)),
    event('met', 'feature.RequirementMet'),
    event('roster', 'roster.RosterAdopted'),
    event('lost', 'feature.BallotCast'),
  ];
  expect((await counting.publish(events)).map(({ event: { id } }) => id)).toEqual(['lost']);
  expect(told).toEqual([{ Notices: 2, Decisions: 5 }]);
});
