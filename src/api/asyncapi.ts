import { eventCatalog } from '../events/index.ts';
import { StreamedEvent } from './schemas/traffic.ts';

type Json = Record<string, unknown>;

const reset = {
  name: 'reset',
  title: 'reset',
  summary:
    'The event named by `Last-Event-ID` is not known or no longer kept. Load afresh what you show; the stream goes on with what happens from now on, and the SSE id is that of the newest event.',
  payload: {
    type: 'object',
    properties: { id: { type: 'string' }, type: { const: 'reset' }, message: { type: 'string' } },
    required: ['id', 'type', 'message'],
  },
};

/**
 * The AsyncAPI 3.0 document of what happens in the hub, derived from the event catalog: one message per event, all on the
 * stream of server-sent events. What comes in by webhooks is in the OpenAPI document, since it is called.
 */
export function createAsyncApi(version: string): Json {
  const types = Object.entries(eventCatalog);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Crossdock events',
      version,
      description:
        'Facts in the past tense, `domain.entity.verb`. A name is never reused for another meaning. Events of one key arrive in order.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    servers: {
      hub: {
        host: '{host}',
        protocol: 'http',
        description: 'Server-sent events; `Last-Event-ID` goes on where a broken stream stopped',
        variables: { host: { default: '127.0.0.1:8080' } },
        security: [{ $ref: '#/components/securitySchemes/apiKey' }],
      },
    },
    channels: {
      events: {
        address: '/v1/events',
        description: 'The event’s id is the SSE id, its type the SSE event, `data` the payload.',
        messages: Object.fromEntries(
          [...types.map(([type]) => type), 'reset'].map((type) => [type, { $ref: `#/components/messages/${type}` }]),
        ),
      },
    },
    operations: {
      streamEvents: {
        action: 'send',
        channel: { $ref: '#/channels/events' },
        summary: 'The hub tells what happens, as it happens',
      },
    },
    components: {
      schemas: { event: StreamedEvent },
      messages: Object.fromEntries([
        ...types.map(([type, { entity, description }]) => [
          type,
          {
            name: type,
            title: type,
            summary: description,
            tags: [{ name: entity }],
            payload: {
              allOf: [{ $ref: '#/components/schemas/event' }, { properties: { type: { const: type } } }],
            },
          },
        ]),
        ['reset', reset],
      ]),
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the hub' } },
    },
  };
}
