// Each language by its tag. A new one is its folder and its line here.
export * as en from './en/index.ts';
export * as es from './es/index.ts';
