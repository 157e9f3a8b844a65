import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PurgeCSS } from 'purgecss';
import { compile, Logger } from 'sass';

const ROOT = new URL('../..', import.meta.url).pathname;

/** The file that holds what was compiled: committed, so that nothing has to be built before the site can run. */
export const COMPILED = join(ROOT, 'functions/web/site/assets/uswds.min.css');

const elements = (text: string): string[] =>
  [...text.matchAll(/<([a-z][a-z0-9]*)|type="([a-z]+)"/g)].flatMap(([, tag, type]) => (type ? ['type', type] : [tag ?? '']));

const templates = (): { raw: string; extension: string }[] =>
  readdirSync(join(ROOT, 'functions/web/site'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ raw: readFileSync(join(ROOT, 'functions/web/site', path), 'utf8'), extension: 'ts' }));

/** The source of functions/web/site/assets/uswds.min.css: the part of USWDS that the site's elements use, made from its Sass. */
export const compileStyle = async (): Promise<string> => {
  const { css } = compile(join(ROOT, 'infra/style/uswds.scss'), {
    loadPaths: [join(ROOT, 'node_modules/@uswds/uswds/packages')],
    style: 'compressed',
    quietDeps: true,
    logger: Logger.silent,
  });
  const [purged] = await new PurgeCSS().purge({
    content: templates(),
    css: [{ raw: css }],
    extractors: [{ extensions: ['ts'], extractor: elements }],
    safelist: ['html', 'body', ':root'],
    // What only Firefox before 2020 needed.
    blocklist: [/^::-moz|:-moz-focusring/],
  });
  if (purged === undefined || purged.css === '') throw new Error('nothing was compiled');
  return `/* Made by \`npm run style\` from infra/style/uswds.scss; not to be edited. */\n${purged.css.replaceAll('\n', '')}\n`;
};

if (import.meta.main) {
  writeFileSync(COMPILED, await compileStyle());
  console.log(`wrote ${COMPILED}`);
}
