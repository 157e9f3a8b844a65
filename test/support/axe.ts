import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Result } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/**
 * Passing rules are not reported, and styles are not fetched again for a rule that is off by default: each would take as long as the
 * check itself.
 */
const OPTIONS = JSON.stringify({ runOnly: TAGS, resultTypes: ['violations'], preload: { assets: ['media'] } });

/** Loads axe with every page of a tab, so that it need not be sent for each check. */
export const loadAxe = (page: Page): Promise<unknown> => page.addInitScript({ content: SOURCE });

/**
 * Returns what axe finds wrong on the page in its present state (WCAG 2.2 A and AA, and axe's best practices), an entry for each place:
 * `rule (impact): what is wrong, at selector: how to mend it`. Throws for a page with frames, which it would not look into.
 */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  if (page.frames().length > 1) throw new Error('axe does not look into frames');
  if (await page.evaluate<boolean>('globalThis.axe === undefined')) await page.evaluate(SOURCE);
  const violations = await page.evaluate<readonly Result[]>(`axe.run(document, ${OPTIONS}).then(({ violations }) => violations)`);
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => {
      const mend = failureSummary?.replaceAll(/\s+/g, ' ') ?? '';
      return `${id} (${impact ?? 'unknown'}): ${help}, at ${target.join(' ')}: ${mend}`;
    }),
  );
};
