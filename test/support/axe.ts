import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds wrong on the page as it stands (WCAG 2.2 A and AA, and axe's best practices), one readable entry a place:
 * `rule (impact): what is wrong, at selector: how to mend it`. Empty when it finds nothing.
 * The page must come from a browser context of its own (`browser.newContext()`): axe opens a helper page in it.
 */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => {
      const mend = failureSummary?.replaceAll(/\s+/g, ' ') ?? '';
      return `${id} (${impact ?? 'unknown'}): ${help}, at ${target.join(' ')}: ${mend}`;
    }),
  );
};
