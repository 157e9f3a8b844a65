import { writeFileSync } from 'node:fs';
import { COMPILED, compileStyle } from './compile.ts';

writeFileSync(COMPILED, await compileStyle());
console.log(`wrote ${COMPILED}`);
