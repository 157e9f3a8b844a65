import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const PRESSES_MAX = 160;

/**
 * Presses Tab until an element has the focus, as a person without a mouse does. Checks on the way that the focus is visible and that the
 * page is not cut off at the side.
 */
export const tabTo = async (page: Page, selector: string): Promise<void> => {
  for (let presses = 0; ; presses += 1) {
    if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) break;
    if (presses === PRESSES_MAX) throw new Error(`${selector} cannot be reached by keyboard`);
    await page.keyboard.press('Tab');
    const outlined = await page.evaluate<boolean>(
      'document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== "none"',
    );
    const focused = await page.evaluate<string>('document.activeElement.outerHTML.slice(0, 80)');
    expect(outlined, `what has the focus shows it: ${focused}`).toBe(true);
  }
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
};

/** Moves the focus to an element and presses a key. */
export const pressOn = async (page: Page, selector: string, key = 'Enter'): Promise<void> => {
  await tabTo(page, selector);
  await page.keyboard.press(key);
};
