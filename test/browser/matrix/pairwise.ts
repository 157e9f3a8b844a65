/** The dimensions in which a page is checked: width, scheme, language. */
export const WIDTHS = [320, 1280, 768] as const;
export const SCHEMES = ['light', 'dark'] as const;
export const TONGUES = ['en', 'ar-xb', 'es'] as const;

/** One combination in which a page is checked. */
export interface Load {
  readonly page: string;
  readonly width: (typeof WIDTHS)[number];
  readonly scheme: (typeof SCHEMES)[number];
  readonly tongue: (typeof TONGUES)[number];
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
      const gain = (load: Load): number => pairsOf(load).filter((pair) => !met.has(pair)).length;
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
