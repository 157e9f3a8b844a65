import base from '/work/main/vitest.config.ts';
import { mergeConfig, defineConfig } from 'vitest/config';
export default mergeConfig(base, defineConfig({ root: '/work/main', test: { execArgv: ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] } }));
