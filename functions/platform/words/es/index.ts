// The areas of a language. The same file in each.
export { default as acts } from './acts.json' with { type: 'json' };
export { default as decide } from './decide.json' with { type: 'json' };
export { default as developers } from './developers.json' with { type: 'json' };
export { default as effect } from './effect.json' with { type: 'json' };
export { default as mail } from './mail.json' with { type: 'json' };
export { default as officials } from './officials.json' with { type: 'json' };
export { default as problems } from './problems.json' with { type: 'json' };
export { default as public } from './public.json' with { type: 'json' };
export { default as record } from './record.json' with { type: 'json' };
export { default as seen } from './seen.json' with { type: 'json' };
export { default as tasks } from './tasks.json' with { type: 'json' };
