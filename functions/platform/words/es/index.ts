// The texts of one language. Who reads one by its name, such as `es.acts`, has that file alone in its bundle.
export { default as acts } from './es/acts.json' with { type: 'json' };
export { default as decide } from './es/decide.json' with { type: 'json' };
export { default as developers } from './es/developers.json' with { type: 'json' };
export { default as effect } from './es/effect.json' with { type: 'json' };
export { default as mail } from './es/mail.json' with { type: 'json' };
export { default as officials } from './es/officials.json' with { type: 'json' };
export { default as problems } from './es/problems.json' with { type: 'json' };
export { default as public } from './es/public.json' with { type: 'json' };
export { default as record } from './es/record.json' with { type: 'json' };
export { default as seen } from './es/seen.json' with { type: 'json' };
export { default as tasks } from './es/tasks.json' with { type: 'json' };
