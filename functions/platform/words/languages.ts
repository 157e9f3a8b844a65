// Each language by its tag. A new one needs a folder and a line here.
export * as en from './en/index.ts';
export * as es from './es/index.ts';
