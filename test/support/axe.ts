import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * What axe finds wrong on the page as it stands (WCAG 2.2 A and AA, and axe's best practices), one readable entry a place:
 * `rule (impact): what is wrong, at selector: how to mend it`. Empty when it finds nothing. Throws for a page with frames, which it
 * would not look into.
 */
export const axeViolations = async (page: Page): Promise<readonly string[]> => {
  if (page.frames().length > 1) throw new Error('axe does not look into frames');
  // All in the page itself: the other mode opens a second page each time and loads axe into that, too, which takes half as long again.
  const { violations } = await new AxeBuilder({ page }).withTags(TAGS).setLegacyMode().analyze();
  return violations.flatMap(({ id, impact, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => {
      const mend = failureSummary?.replaceAll(/\s+/g, ' ') ?? '';
      return `${id} (${impact ?? 'unknown'}): ${help}, at ${target.join(' ')}: ${mend}`;
    }),
  );
};
