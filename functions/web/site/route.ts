import type { Context } from 'hono';

export type Handler = (context: Context) => Response | Promise<Response>;

/** Adds an address with what it does by method; HEAD goes wherever GET does, every other method is answered 405. */
export type Route = (path: string, methods: Readonly<Partial<Record<'GET' | 'POST', Handler>>>) => void;
