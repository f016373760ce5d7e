// Wake-ups inside one bot process: fed by PostgreSQL's NOTIFY, awaited by long polls and job loops.
import { EventEmitter } from 'node:events';

export interface Wakes {
  emit(topic: string): void;
  /** Calls back on each wake-up of the topic until the returned function is called. */
  on(topic: string, callback: () => void): () => void;
}

export function createWakes(): Wakes {
  const emitter = new EventEmitter();
  emitter.setMaxListeners(0);
  return {
    emit: (topic) => void emitter.emit(topic),
    on: (topic, callback) => {
      emitter.on(topic, callback);
      return () => void emitter.off(topic, callback);
    },
  };
}
