import type { Browser, BrowserContext, Page } from 'playwright-core';
import { LANGUAGES } from '../../../functions/platform/words/tags.ts';
import { axeViolations, loadAxe } from '../../support/axe.ts';
import type { Entry } from './pages.ts';

/** Maximum bytes of a page with everything it loads except the fonts. */
const WEIGHT_MAX = 60 * 1024;

const SHIFTS = 'layout shifts by ';

/** Reads the faults of the page. It is a text, so that no code of the test runner gets into it. */
const faultsIn = (tongue: string) => `(() => {
  const root = document.documentElement;
  const shown = (element) => element.checkVisibility({ visibilityProperty: true });
  const focusable = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex="0"]')].filter(shown);
  const named = (element) => element.outerHTML.slice(0, 90);
  const dim = focusable.filter((element) => {
    element.focus();
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return document.activeElement === element && (outlineStyle === 'none' || parseFloat(outlineWidth) < 2);
  });
  const small = [...document.querySelectorAll('main button, main a.go, main select, main textarea, main summary, main input:not([type=hidden],[type=radio],[type=checkbox]), label.opt')]
    .filter(shown).filter((element) => element.getBoundingClientRect().height < 43.9);
  const tiny = focusable.filter((element) => {
    const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
    return Math.min(width, height) < 23.9 && !element.matches('.skip');
  });
  // Of the developers' pages each operation is a region with a name of its own.
  const pressed = [...document.querySelectorAll('main :is(summary, button)')].filter((element) => element.closest('.operation') === null);
  const names = pressed.map((element) => element.textContent.replaceAll(/\\s+/g, ' ').trim());
  const wide = root.scrollWidth - root.clientWidth;
  // The spacing that a reader may set (WCAG 2.2, 1.4.12). No inline style: the pages allow none.
  const spacing = new CSSStyleSheet();
  spacing.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}');
  document.adoptedStyleSheets = [spacing];
  const spacedWide = root.scrollWidth - root.clientWidth;
  const cut = [...document.querySelectorAll('body *')].filter((element) => {
    const { overflowX, clipPath } = getComputedStyle(element);
    return overflowX === 'hidden' && clipPath === 'none' && !element.closest('svg') && element.scrollWidth > element.clientWidth + 1;
  });
  spacing.replaceSync('html{font-size:200%!important}');
  const largeWide = root.scrollWidth - root.clientWidth;
  document.adoptedStyleSheets = [];
  const oneWord = [...document.querySelectorAll('td .chip')].filter((element) => !/\\s/.test(element.textContent.trim()));
  const torn = oneWord.filter((element) => element.offsetHeight > 2 * parseFloat(getComputedStyle(element).lineHeight));
  const alike = names.filter((name, index) => names.indexOf(name) !== index);
  const headings = document.querySelectorAll('h1').length;
  const ordered = document.querySelectorAll('[tabindex]:not([tabindex="-1"]):not([tabindex="0"])');
  const { direction } = getComputedStyle(document.body);
  const loaded = ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type));
  const bytes = loaded.reduce((sum, { name, decodedBodySize }) => sum + (name.endsWith('.woff2') ? 0 : decodedBodySize), 0);
  const shift = globalThis.shifted ?? 0;
  const when = (is, text) => (is ? [text] : []);
  const each = (text, elements) => elements.map((element) => text + ': ' + named(element));
  return [
    ...when(wide > 0, wide + ' px too wide'),
    ...when(spacedWide > 0, spacedWide + ' px too wide with wider spacing'),
    // At 320 px that is twice what WCAG 2.2 (1.4.10) asks.
    ...when(largeWide > 0, largeWide + ' px too wide with letters twice as large'),
    ...each('cut off with wider spacing', cut),
    ...each('smaller than 24 px', tiny),
    ...alike.map((name) => 'two that are pressed have one name: ' + name),
    ...each('a word is broken', torn),
    ...when(headings !== 1, headings + ' main headings'),
    ...each('has an order of its own', [...ordered]),
    ...when(bytes > ${WEIGHT_MAX}, 'weighs ' + bytes + ' bytes'),
    ...when(direction !== '${tongue === 'ar-xb' ? 'rtl' : 'ltr'}', 'runs ' + direction),
    ...when(shift > 0, '${SHIFTS}' + shift + ': ' + globalThis.moved.join(' ')),
    ...each('no visible focus', dim),
    ...each('lower than 44 px', small),
  ];
})()`;

/** What is wrong with how a refused form is shown: the focus is on its summary, whose links lead to fields, and the title says it first. */
const SUMMARY_FAULTS = `(() => {
  const summary = document.querySelector('#errors');
  const invalid = [...document.querySelectorAll('.field [aria-invalid]:not([type=checkbox])')];
  const unmarked = invalid.filter((field) => getComputedStyle(field).borderTopWidth !== '2px');
  const lost = [...summary.querySelectorAll('a')].filter((link) => document.querySelector(link.getAttribute('href')) === null);
  return [
    ...(document.activeElement === summary ? [] : ['the focus is not on the summary']),
    ...(document.title.startsWith(summary.querySelector('h2').textContent) ? [] : ['the title does not say that it was refused']),
    ...lost.map((link) => 'leads to no field: ' + link.textContent),
    ...unmarked.map(({ name }) => 'a refused field without its border: ' + name),
  ];
})()`;

const WATCH_SHIFTS = `globalThis.moved = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries()) {
    globalThis.shifted = (globalThis.shifted ?? 0) + value;
    globalThis.moved.push(...sources.map(({ node }) => (node?.outerHTML ?? node?.textContent ?? '').slice(0, 60)));
  }
}).observe({ type: 'layout-shift', buffered: true });`;

/** Number of further loads in which a layout shift must recur to count: a shift by the page recurs, one by a busy machine does not. */
const SHIFT_LOADS = 5;

export const openWindow = (browser: Browser, { width, scheme }: Pick<Load, 'width' | 'scheme'>): Promise<BrowserContext> =>
  browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme, locale: 'en-US' });

const watch = (page: Page, origin: string): readonly string[] => {
  const faults: string[] = [];
  page.on('console', (message) => {
    // The browser reports a page that answers 404 or 422 on purpose as a failed load, and one about a record that cannot be read (503).
    if (message.type() === 'error' && !/Failed to load resource.*status of (?:4\d\d|503)/.test(message.text()))
      faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) faults.push(`leaves the site: ${request.url()}`);
  });
  return faults;
};

/** Returns the address of the same page in another language. */
const inTongue = (address: string, tongue: string) => {
  const url = new URL(address);
  url.searchParams.set('lang', tongue);
  return url.href;
};

/** Opens an entry by its address and, to see its form with faults, submits the form as it is. */
export const openEntry = async (page: Page, { address, submit }: Entry, tongue: string): Promise<void> => {
  await page.goto(inTongue(address, tongue));
  if (submit !== undefined) {
    await page.evaluate(
      `const form = document.querySelector(${JSON.stringify(submit)}); form.noValidate = true; form.requestSubmit()`,
    );
    await page.waitForSelector('#errors');
  }
  await page.evaluate(
    'document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(0)))))',
  );
};

const lookAt = async (page: Page, entry: Entry, load: Load): Promise<readonly string[]> => {
  const faults = watch(page, new URL(entry.address).origin);
  try {
    await openEntry(page, entry, load.tongue);
    const summary = entry.submit === undefined ? [] : await page.evaluate<readonly string[]>(SUMMARY_FAULTS);
    const axe = await axeViolations(page);
    await page.keyboard.press('Tab');
    const look = () => page.evaluate<readonly string[]>(faultsIn(load.tongue));
    let own = await look();
    for (let time = 0; time < SHIFT_LOADS && own.some((fault) => fault.startsWith(SHIFTS)); time += 1) {
      await openEntry(page, entry, load.tongue);
      own = await look();
    }
    return [...faults, ...summary, ...axe, ...own];
  } finally {
    await page.removeAllListeners(undefined, { behavior: 'wait' });
  }
};

/** Opens the tab in which all pages of a window are looked at; a tab for each would be a process for each. */
const openTab = async (window: BrowserContext) => {
  const page = await window.newPage();
  await page.addInitScript(WATCH_SHIFTS);
  await loadAxe(page);
  return page;
};

/** Checks every load, window by window, so many of them at a time. Each fault names where it was seen. */
export const lookAtAll = async (
  browser: Browser,
  pages: readonly Entry[],
  loads: readonly Load[],
  atOnce = 1,
): Promise<readonly string[]> => {
  const byName = new Map(pages.map((entry) => [entry.name, entry]));
  const windows = [...Map.groupBy(loads, ({ width, scheme }) => `${width} ${scheme}`).values()];
  const found: string[] = [];
  const worker = async () => {
    for (let group = windows.shift(); group !== undefined; group = windows.shift()) {
      const [first] = group;
      if (first === undefined) continue;
      const window = await openWindow(browser, first);
      const tab = await openTab(window);
      for (const load of group) {
        const entry = byName.get(load.page);
        if (entry === undefined) throw new Error(`no page is called ${load.page}`);
        const faults = await lookAt(tab, entry, load).catch((error: unknown) => [String(error)]);
        found.push(...faults.map((fault) => `${load.page} (${load.width} px, ${load.scheme}, ${load.tongue}): ${fault}`));
      }
      await window.close();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return found.toSorted();
};

export const WIDTHS = [320, 1280, 768] as const;
export const SCHEMES = ['light', 'dark'] as const;
export const TONGUES: readonly string[] = ['en', 'ar-xb', ...LANGUAGES.filter((language) => language !== 'en')];

/** One combination in which a page is checked. */
export interface Load {
  readonly page: string;
  readonly width: (typeof WIDTHS)[number];
  readonly scheme: (typeof SCHEMES)[number];
  readonly tongue: string;
}

/** Returns every combination. */
export const allLoads = (pages: readonly string[]): readonly Load[] =>
  pages.flatMap((page) =>
    WIDTHS.flatMap((width) => SCHEMES.flatMap((scheme) => TONGUES.map((tongue) => ({ page, width, scheme, tongue })))),
  );

const pairsOf = ({ page, width, scheme, tongue }: Load): readonly string[] => [
  `${page}×${width}`,
  `${page}×${scheme}`,
  `${page}×${tongue}`,
  `${width}×${scheme}`,
  `${width}×${tongue}`,
  `${scheme}×${tongue}`,
];

/**
 * Returns a pairwise selection of at most `max` loads: repeatedly the load that adds most new pairs of values, the first of equals, so that
 * the same pages give the same selection. Every page is checked narrow; then, in order and as far as `max` allows, wide and medium, each
 * time in another scheme and language. The long proof checks the rest.
 */
export const pairwise = (pages: readonly string[], max: number): readonly Load[] => {
  const left = new Set(allLoads(pages));
  const met = new Set<string>();
  const chosen: Load[] = [];
  for (const round of [0, 1, 2])
    for (const page of pages) {
      if (chosen.length >= max) return chosen;
      const candidates = [...left].filter((load) => load.page === page);
      const gain = (load: Load) => pairsOf(load).filter((pair) => !met.has(pair)).length;
      // Taking the widths in turn checks every page narrow first, then wide.
      const turn = candidates.filter(({ width }) => width === WIDTHS[round]);
      const [best] = turn.toSorted((a, b) => gain(b) - gain(a));
      if (best === undefined || pairsOf(best).every((pair) => met.has(pair))) continue;
      left.delete(best);
      chosen.push(best);
      for (const pair of pairsOf(best)) met.add(pair);
    }
  return chosen;
};
