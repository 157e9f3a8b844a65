import type { Context } from 'hono';
import { changeNamed } from '../../../../../domain/feature/keys.ts';
import { attestedBy } from '../../../../../domain/roster/bodies.ts';
import { ifReadable } from '../../../../platform/store/errors.ts';
import { orderAgenda } from '../../../../reactions/notify/agenda.ts';
import { readChange } from '../../../../register/read.ts';
import { refused } from '../../../http/refused.ts';
import type { LinkDeps } from '../../deps.ts';
import { oneOf, readFields } from '../../forms.ts';
import type { Person } from '../../links.ts';
import { seeOther } from '../../page.ts';
import { CONSENT_MAX, deskPath } from './consent.ts';

/** Has the changes ticked for a body's vote mailed to its holders. Rejects a link that no longer leads further. */
export const agendaPost = async (deps: LinkDeps, context: Context, person: Person): Promise<Response> => {
  const { ports } = deps;
  const { roster, link, live, now } = person;
  const input = await readFields(context, ports.url, ['lang', 'body', 'change'], ['change']);
  if (!live) throw refused('not-in-office', { detail: 'this link belongs to something that is over', status: 409 });
  const [body, changes] = [oneOf(input, 'body'), [...new Set(input.get('change') ?? [])].sort()];
  const serves = roster !== null && attestedBy(roster, link.body).includes(body);
  if (!serves || changes.length === 0 || changes.length > CONSENT_MAX)
    throw refused('invalid-form', { detail: `the form must name a body you serve and 1 to ${CONSENT_MAX} changes` });
  const votes = await Promise.all(
    changes.map(async (id) => {
      const named = changeNamed(id);
      const reading = named === undefined ? undefined : await ifReadable(readChange(ports, named.key, named.number));
      return reading?.view.requirements.some((each) => each.body === body && each.instrument === 'certification') === true;
    }),
  );
  if (votes.includes(false)) throw refused('invalid-form', { detail: `not every change named needs a vote of ${body}` });
  const note = (await orderAgenda(ports, body, { at: now, changes })) ? 'agenda' : 'agendaBefore';
  return seeOther(context, `${deskPath(context)}?${new URLSearchParams([[note, body]])}`);
};
