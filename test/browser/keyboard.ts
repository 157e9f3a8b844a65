import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const PRESSES_MAX = 160;

/**
 * Presses Tab until an element has the focus, as a person without a mouse does. Checks on the way that the focus is visible and that the
 * page is not cut off at the side.
 */
export const tabTo = async (page: Page, selector: string): Promise<void> => {
  const look = `(() => {
    const element = document.activeElement;
    const isOutlined = element === document.body || getComputedStyle(element).outlineStyle !== 'none';
    return { isThere: element.matches(${JSON.stringify(selector)}), dim: isOutlined ? null : element.outerHTML.slice(0, 80) };
  })()`;
  for (let presses = 0; ; presses += 1) {
    const { isThere, dim } = await page.evaluate<{ readonly isThere: boolean; readonly dim: string | null }>(look);
    if (presses > 0) expect(dim, 'what has the focus and does not show it').toBeNull();
    if (isThere) break;
    if (presses === PRESSES_MAX) throw new Error(`${selector} cannot be reached by keyboard`);
    await page.keyboard.press('Tab');
  }
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
};

/** Moves the focus to an element and presses a key. */
export const pressOn = async (page: Page, selector: string, key = 'Enter'): Promise<void> => {
  await tabTo(page, selector);
  await page.keyboard.press(key);
};
