import { REDACTION_REASONS } from '../../../domain/redaction/events.ts';
import { argument, type Command, requiredOption, WrongUsage } from '../usage.ts';

const REASONS = REDACTION_REASONS.join('|');
const order = { authority: 'string', file: 'string', roster: 'boolean' } as const;

const PLACE = /^(?<key>[^/]+)\/(?<change>[1-9][0-9]{0,8})(?:\/(?<revision>[1-9][0-9]{0,8}))?$/;

const orderedAt = (place: string): { readonly key: string; readonly fields: Readonly<Record<string, number>> } => {
  const { key, change, revision } = PLACE.exec(place)?.groups ?? {};
  if (key === undefined) throw new WrongUsage(`${place} is no place: write KEY/N, or KEY/N/REVISION for one revision`);
  const named = revision === undefined ? {} : { revision: Number(revision) };
  return { key, fields: { change: Number(change), ...named } };
};

const orderCommand = (
  { action, does, done }: { readonly action: 'withhold' | 'disclose'; readonly does: string; readonly done: string },
  hides: boolean,
): Command => ({
  usage: `${action} KEY/N[/REVISION]|--roster COMMITMENT ${hides ? `--reason ${REASONS} [--everywhere] ` : ''}--authority TEXT --file NUMBER`,
  does,
  takes: hides ? { ...order, reason: 'string', everywhere: 'boolean' } : order,
  run: async (args, options, { apiClient }) => {
    const ofRoster = options.roster === true;
    const body = {
      commitment: argument(args, ofRoster ? 0 : 1, 'COMMITMENT'),
      ...(hides && { reason: requiredOption(options, 'reason') }),
      ...(options.everywhere === true && { everywhere: true }),
      authority: requiredOption(options, 'authority'),
      fileNumber: requiredOption(options, 'file'),
    };
    const ofFeature = () => {
      const { key, fields } = orderedAt(argument(args, 0, 'KEY/N'));
      const sent = { params: { key }, body: { ...body, ...fields } };
      return apiClient().call('POST', `/v1/features/{key}/redactions/${action}`, sent);
    };
    const json = await (ofRoster ? apiClient().call('POST', `/v1/roster/redactions/${action}`, { body }) : ofFeature());
    const { at, what, place, authority, fileNumber, elsewhere } = json;
    const others = elsewhere.map((each) => `\nthe same bytes: ${each.place}, ${each.withheld ? 'withheld, too' : 'shown'}`);
    return {
      json,
      text: `the ${what} in ${place} is ${done} since ${at}, by ${authority}, file ${fileNumber}${others.join('')}`,
    };
  },
});

export const redactionCommands: readonly Command[] = [
  orderCommand(
    {
      action: 'withhold',
      does: 'hides a text, a raw notice or a document at one place from the public, never from those who decide; the order is public',
      done: 'withheld',
    },
    true,
  ),
  orderCommand({ action: 'disclose', does: 'shows again what is withheld at a place', done: 'shown again' }, false),
];
