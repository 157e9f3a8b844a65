import { eventSchemas } from '../../functions/reactions/relay/cloudEvents.ts';

// Prints the JSON Schema of every event on the bus, as a running gate serves it at /events.schema.json.
console.log(JSON.stringify(eventSchemas(), null, 2));
