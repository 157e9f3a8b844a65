// Plain JavaScript: it has to run on a Node that is too old for the rest and say so.
const major = Number.parseInt(process.versions.node, 10);
if (major >= 24) await import('./preflight.ts');
else {
  console.error(
    `Missing: Node 24 or later (this is ${process.version}); get it from https://nodejs.org/en/download and run npm ci again.`,
  );
  process.exitCode = 1;
}
