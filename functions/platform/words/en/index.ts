// The texts of one language. Who reads one by its name, such as `en.acts`, has that file alone in its bundle.
export { default as acts } from './en/acts.json' with { type: 'json' };
export { default as decide } from './en/decide.json' with { type: 'json' };
export { default as developers } from './en/developers.json' with { type: 'json' };
export { default as effect } from './en/effect.json' with { type: 'json' };
export { default as mail } from './en/mail.json' with { type: 'json' };
export { default as officials } from './en/officials.json' with { type: 'json' };
export { default as problems } from './en/problems.json' with { type: 'json' };
export { default as public } from './en/public.json' with { type: 'json' };
export { default as record } from './en/record.json' with { type: 'json' };
export { default as seen } from './en/seen.json' with { type: 'json' };
export { default as tasks } from './en/tasks.json' with { type: 'json' };
