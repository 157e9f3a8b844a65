import { test } from 'vitest';
import type { actorsOf } from './support/actors.ts';
import type { GateOnAws } from './support/gateOnAws.ts';
import { cityMovesIn, operatorAtWork, staysClosed } from './support/moving.ts';
import { withGateOnAws } from './support/opened.ts';

let opened: { readonly gate: GateOnAws; readonly actors: ReturnType<typeof actorsOf> };
withGateOnAws((stage) => {
  opened = stage;
});

test('a stage is born closed: what runs each minute, a visitor and a stranger’s notice leave nothing in it', () =>
  staysClosed(opened.gate));

cityMovesIn(operatorAtWork(), () => opened);
