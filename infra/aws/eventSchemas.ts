import { eventSchemas } from '../../functions/reactions/relay/cloudEvents.ts';

// Prints the JSON Schema of every event on the bus, the same that a running gate serves at /events.schema.json.
console.log(JSON.stringify(eventSchemas(), null, 2));
