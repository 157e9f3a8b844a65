// Each language by its tag. A new one needs a folder, a line here and its tag in tags.ts.
export * as en from './en/index.ts';
export * as es from './es/index.ts';
