import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { picture } from './importRules.ts';
import { ROOT } from './projectFiles.ts';

// `npm run picture`: draws the picture in docs/architecture.md again; a test fails while it is not current.

const PAGE = join(ROOT, 'docs/architecture.md');
writeFileSync(PAGE, readFileSync(PAGE, 'utf8').replace(/```mermaid[\s\S]*?```/, picture()));
