import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { type Load, openEntry, openWindow } from './look.ts';
import type { Entry } from './pages.ts';

const nameOf = ({ page, width, scheme, tongue }: Load) =>
  `${page.replaceAll(/[^a-z0-9]+/gi, '-')}.${width}.${scheme}.${tongue}.png`;

const figure = (load: Load): string => {
  const picture = `<img src="${nameOf(load)}" width="${load.width / 4}" loading="lazy" alt="">`;
  const caption = `<figcaption>${load.width} ${load.scheme} ${load.tongue}</figcaption>`;
  return `<figure><a href="${nameOf(load)}">${picture}</a>${caption}</figure>`;
};

const STYLE =
  'body{font:14px sans-serif;margin:1rem}section{display:flex;gap:1rem;align-items:start;overflow-x:auto}figure{margin:0 0 1rem}img{border:1px solid #999}';

/** Takes a screenshot of every load and lays them out, one row per page, in `index.html` of a folder. Returns that file's path. */
export const contactSheet = async (
  browser: Browser,
  pages: readonly Entry[],
  loads: readonly Load[],
  folder: string,
): Promise<string> => {
  mkdirSync(folder, { recursive: true });
  for (const group of Map.groupBy(loads, ({ width, scheme }) => `${width} ${scheme}`).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const window = await openWindow(browser, first);
    const page = await window.newPage();
    for (const load of group) {
      const entry = pages.find(({ name }) => name === load.page);
      if (entry === undefined) throw new Error(`no page is called ${load.page}`);
      await openEntry(page, entry, load.tongue);
      await page.screenshot({ path: join(folder, nameOf(load)), fullPage: true });
    }
    await window.close();
  }
  const rows = [...Map.groupBy(loads, ({ page }) => page)].map(
    ([page, group]) => `<h2>${page}</h2><section>${group.map(figure).join('')}</section>`,
  );
  const index = join(folder, 'index.html');
  writeFileSync(
    index,
    `<!doctype html><html lang="en"><title>Every page</title><style>${STYLE}</style>${rows.join('\n')}</html>\n`,
  );
  return index;
};
