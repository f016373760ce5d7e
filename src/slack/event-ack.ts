// Bolt acknowledges events before any listener runs; we need the inbox row first. This keeps the acknowledgement for the listener.
import type { Receiver, ReceiverEvent } from '@slack/bolt';

type Processor = Parameters<Receiver['init']>[0];

/** The same receiver, except that events are acknowledged by `context.acknowledge()`, or once all listeners are done. */
export function eventKeepingAck(receiver: Receiver): Receiver {
  return {
    init: (app) => receiver.init(keeping(app)),
    start: (...args) => receiver.start(...args),
    stop: (...args) => receiver.stop(...args),
  };
}

function keeping(app: Processor): Processor {
  const processEvent = async (event: ReceiverEvent) => {
    if (event.body['type'] !== 'event_callback') return app.processEvent(event);
    let acknowledged = false;
    const acknowledge = async () => {
      if (acknowledged) return;
      acknowledged = true;
      await event.ack();
    };
    await app.processEvent({ ...event, ack: async () => undefined, customProperties: { ...event.customProperties, acknowledge } });
    await acknowledge();
  };
  return new Proxy(app, { get: (target, name) => (name === 'processEvent' ? processEvent : Reflect.get(target, name)) });
}
