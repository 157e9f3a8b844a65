/** In what a page is seen: how wide, in which scheme, in which language. */
export const WIDTHS = [320, 1280, 768] as const;
export const SCHEMES = ['light', 'dark'] as const;
export const TONGUES = ['en', 'ar-xb', 'es'] as const;

/** One look at one page. */
export interface Load {
  readonly page: string;
  readonly width: (typeof WIDTHS)[number];
  readonly scheme: (typeof SCHEMES)[number];
  readonly tongue: (typeof TONGUES)[number];
}

/** Every combination there is. */
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
 * A selection in which every two values that can meet do meet, as far as `max` loads reach: always the load next that brings most new
 * pairs, of equals the first, so that the same pages give the same selection. Every page is seen narrow; then, in their order and as far
 * as `max` reaches, wide, and in the middle, each time in another scheme and language. What is left out is seen by the long proof.
 */
export const pairwise = (pages: readonly string[], max: number): readonly Load[] => {
  const left = new Set(allLoads(pages));
  const met = new Set<string>();
  const chosen: Load[] = [];
  for (const round of [0, 1, 2])
    for (const page of pages) {
      if (chosen.length >= max) return chosen;
      const candidates = [...left].filter((load) => load.page === page);
      const gain = (load: Load): number => pairsOf(load).filter((pair) => !met.has(pair)).length;
      // The turn of the widths makes sure that narrow and wide come first for every page.
      const turn = candidates.filter(({ width }) => width === WIDTHS[round]);
      const [best] = turn.toSorted((a, b) => gain(b) - gain(a));
      if (best === undefined || pairsOf(best).every((pair) => met.has(pair))) continue;
      left.delete(best);
      chosen.push(best);
      for (const pair of pairsOf(best)) met.add(pair);
    }
  return chosen;
};
