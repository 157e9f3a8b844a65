import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const PRESSES_MAX = 160;

/**
 * Moves by Tab alone until the focus is on something, as somebody without a mouse does. On the way the focus always shows, and nothing
 * of the page is cut off to the side.
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

/** Moves there and presses a key. */
export const pressOn = async (page: Page, selector: string, key = 'Enter'): Promise<void> => {
  await tabTo(page, selector);
  await page.keyboard.press(key);
};
