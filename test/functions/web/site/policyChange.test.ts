import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { adoptPolicy, policyAdopter } from '../../../../functions/reactions/adoption/policies.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { type City, cityForAll, openCity, POLICY } from './support/city.ts';
import { textOf } from './support/readers.ts';

const city = cityForAll();
beforeAll(async () => {
  await city.notify();
});

const page = (path: string) => city.page(path);

describe('a change of the rules', () => {
  const path = '/changes/aldergate.policy/1';
  beforeAll(async () => {
    const [rule] = POLICY.rules;
    const require = rule?.require.map((each) =>
      each.id === 'council' ? { ...each, threshold: { yes: 'unanimous', of: 'seats' }, quorum: 4 } : each,
    );
    const policy = { ...POLICY, version: '2', rules: [{ ...rule, require, window: 'P60D' }] };
    expect(await adoptPolicy(city.ports, policy as JsonValue)).toMatchObject({ ok: true });
    await catchUp(city.ports, 'aldergate.policy');
  });

  test('as data the same lines, in the reader’s language', async () => {
    const { rules } = (await (await city.get(`${path}?format=json`)).json()) as { rules: Record<string, unknown> };
    expect(rules).toMatchObject({ before: { version: '1' }, after: { name: 'Council and mayor', version: '2' } });
    expect(rules.changed).toStrictEqual([
      {
        line: 'City Council: how many',
        before: 'More than half of all seats must say yes. Today: 3 of 4.',
        after: 'Unanimous: all seats must say yes. Today: 4 of 4.',
      },
      {
        line: 'City Council: who must take part',
        before: 'At least 3 members must take part.',
        after: 'At least 4 members must take part.',
      },
      {
        line: 'Time to decide',
        before: 'Without a decision within 90 days the request lapses and stays off.',
        after: 'Without a decision within 60 days the request lapses and stays off.',
      },
    ]);
    const spanish = await city.page(`${path}?format=json&lang=es`);
    expect(spanish).toContain('Por unanimidad: deben decir que sí todos los escaños.');
    expect(await (await city.get('/changes/acme/1?format=json')).json()).not.toHaveProperty('rules');
  });

  test('is asked of the officials by that name, with what follows for the rules', async () => {
    const [change, digest] = [`aldergate.policy/1`, ''];
    const clerk = await page(await city.link('clerk', 'council', { change, revision: 1, digest } as never));
    expect(textOf(clerk)).toContain('What did the City Council decide about the new rules?');
    expect(clerk).not.toContain('class="impact"');
    expect(textOf(clerk)).toContain('This also needs a yes from the mayor. Once all have said yes, the new rules are in force.');
    expect(textOf(clerk)).toContain('The rules of today stay in force.');
    expect(clerk).not.toContain('name="audience"');
    expect(/<dl class="then">[\s\S]*?<\/dl>/.exec(clerk)?.[0]).not.toMatch(/\boff\b/);
  });

  test('once adopted is compared with the rules before it', async () => {
    const [rule] = POLICY.rules;
    const { digest } = (await (await city.get(`${path}?format=json`)).json()) as { digest: string };
    const change = { change: 'aldergate.policy/1', revision: 1, digest } as Awaited<ReturnType<City['notify']>>;
    await city.approve(change);
    const adopter = policyAdopter(city.ports);
    for (const record of await city.ports.store.history('feature/aldergate.policy', {})) await adopter.handle(record);
    await catchUp(city.ports, 'aldergate.policy');
    const shown = textOf(await page(path));
    expect(shown).toContain('The city adopted new rules: “Council and mayor”, version 2.');
    expect(shown).toContain('What changed in the rules');
    expect(shown).toContain('Before More than half of all seats must say yes. Today: 3 of 4.');
    expect(rule?.window).toBe('P90D');
    const { versions } = (await (await city.get('/rules?format=json')).json()) as { versions: { number: number }[] };
    expect(versions.map(({ number }) => number)).toEqual([1, 2]);
  });
});

describe('what a policy states', () => {
  test('who confirms, on a vote and on a second vote, and in which order its rules are tried', async () => {
    const confirmed = {
      ...POLICY,
      rules: POLICY.rules.flatMap((rule) => {
        const require = rule.require.map((each) =>
          each.id === 'council' ? { ...each, confirmedBy: 'council/district-1' } : each,
        );
        return [
          { ...rule, id: 'sharing', when: { kind: ['data-sharing'] }, require },
          { ...rule, id: 'others', notice: 'P0D' },
        ];
      }),
    };
    const other = await openCity();
    expect(await adoptPolicy(other.ports, confirmed as JsonValue)).toMatchObject({ ok: true });
    await catchUp(other.ports, 'aldergate.policy');
    const path = '/changes/aldergate.policy/1';
    const html = await (await other.get(path)).text();
    const headings = [...html.matchAll(/<th scope="rowgroup" colspan="3">(.*?)<\/th>/g)].map(([, heading]) => heading);
    expect(headings).toStrictEqual(['For data sharing', 'For everything else', 'For everything']);
    const { rules } = (await (await other.get(`${path}?format=json`)).json()) as { rules: { changed: { line: string }[] } };
    expect(rules.changed.map(({ line }) => line)).toContain('Rule “sharing”: City Council: who confirms the record');
    const shown = textOf(html);
    expect(shown).toContain('A revision can be decided at once.');
    expect(shown).toContain('Before it counts, a member of the City Council confirms the record.');
    expect(shown).toContain('The first rule that fits a change counts, in this order: sharing, others.');
    expect(shown).toContain('not in these rules');
    await other.close();
  });
});
