import { checkImports } from './importRules.ts';

// `npm run check:imports`: prints how many files were read, because a run that read none would also find no violation.
const { read, unread, violations } = await checkImports();
for (const violation of violations) console.error(`import rule broken: ${violation}`);
for (const path of unread) console.error(`imports not read: ${path}`);
if (read === 0) console.error('imports not read: not one file');
console.log(`imports: ${read} files read, ${violations.length} rules broken`);
process.exitCode = read === 0 || unread.length > 0 || violations.length > 0 ? 1 : 0;
